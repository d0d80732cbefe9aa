import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { config, contents, finishIn, hash, moments, ray, train, wholeFolderIn } from '../../../test/cell-maker.ts';
import type { HeldProbe } from '../cell.ts';
import { openCell } from './cell-folder.ts';

let root: string;
beforeEach(() => {
  root = join(fs.mkdtempSync(join(tmpdir(), 'normscope-cell-')), 'cells');
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(join(root, '..'), { recursive: true, force: true });
});

const finish = (probes?: readonly HeldProbe[]): void => finishIn(root, probes);
const wholeFolder = (): string => wholeFolderIn(root);

describe('a cell whose process is killed', () => {
  it('resumes to the same bytes when killed before any call of the file system, replacing an older cell', () => {
    finish([moments]);
    const older = contents(root);
    const run = (): void => {
      const cell = openCell(root, hash);
      const work = cell.begin({ config, probes: [moments, ray] });
      train(work, 8);
      work.finish({});
    };
    const restore = (): void => {
      fs.rmSync(root, { recursive: true });
      for (const [name, bytes] of Object.entries(older)) {
        fs.mkdirSync(join(root, name, '..'), { recursive: true });
        fs.writeFileSync(join(root, name), bytes, 'latin1');
      }
    };
    const calls = countCalls(run);
    const whole = contents(wholeFolder());
    expect(calls).toBeGreaterThan(30);
    for (let last = 0; last < calls; last++) {
      restore();
      expect(() => killAfter(last, run), `killed after ${last} calls`).toThrow('killed');
      // At no moment is there less than the older cell.
      expect(openCell(root, hash).maybeFinished()?.holds([moments]), `killed after ${last} calls`).toBe(true);
      if (openCell(root, hash).maybeFinished([moments, ray]) === undefined) run();
      expect(contents(wholeFolder()), `killed after ${last} calls`).toEqual(whole);
    }
  });

  it('resumes to the same bytes after ten times SIGKILL', async () => {
    const script = `
      import fs from 'node:fs';
      import { openCell } from ${JSON.stringify(new URL('./cell-folder.ts', import.meta.url).href)};
      let calls = Number(process.argv[2]);
      for (const name of ${JSON.stringify(writers)}) {
        const original = fs[name];
        fs[name] = (...args) => (calls-- === 0 ? process.kill(process.pid, 'SIGKILL') : original(...args));
      }
      const work = openCell(process.argv[1], '${hash}').begin({ config: ${JSON.stringify(config)}, probes: [] });
      const start = work.resumeFrom?.step ?? 0;
      console.log(start);
      const data = work.resumeFrom?.tensors.get('w').data ?? new Float32Array(5000);
      for (let step = start; step < 200; step++) {
        data[step % 5000] = Math.sin(step) + data[(step * 7) % 5000];
        const definition = 'definition ' + (step % 7);
        work.append([{ step, quantity: 'loss', value: data[step % 5000], definition, mode: 'train' }]);
        const tensors = new Map([['w', { dtype: 'float32', shape: [5000], data }]]);
        if (step % 4 === 3) work.saveCheckpoint({ step: step + 1, tensors, metadata: {} });
      }
      work.finish({});`;
    /** Runs the cell in a process that kills itself at a call of the file system; tells the step at which it began. */
    const run = async (folder: string, calls: number): Promise<{ start: number; signal: unknown }> => {
      const argv = ['--import', 'tsx', '--input-type=module', '--eval', script, folder, String(calls)];
      const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      const [, signal] = await once(child, 'close');
      return { start: Number(text), signal };
    };
    await run(join(root, 'whole'), -1);
    for (const calls of [20, 25, 3, 31, 14, 50, 17, 22, 41, 28]) {
      expect((await run(join(root, 'killed'), calls)).signal).toBe('SIGKILL');
    }
    const last = await run(join(root, 'killed'), -1);
    expect(last.signal).toBeNull();
    expect(last.start).toBeGreaterThan(20);
    expect(last.start).toBeLessThan(200);
    // The whole root: nothing of the killed processes is left lying about.
    expect(contents(join(root, 'killed'))).toEqual(contents(join(root, 'whole')));
    expect(openCell(join(root, 'whole'), hash).maybeFinished()?.records()).toHaveLength(200);
  });
});

/** The calls through which this folder changes the disk. */
const writers = [
  'writeSync',
  'writeFileSync',
  'fsyncSync',
  'ftruncateSync',
  'renameSync',
  'rmSync',
  'mkdirSync',
  'copyFileSync',
] as const;

/** How often `work` calls one of the writers. */
function countCalls(work: () => void): number {
  const spies = writers.map((name) => vi.spyOn(fs, name));
  work();
  const calls = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  vi.restoreAllMocks();
  return calls;
}

/** Runs `work` until it has made so many calls; the next one, and all after it, fail: as good as dead. */
function killAfter(last: number, work: () => void): void {
  let calls = 0;
  for (const name of writers) {
    const original = fs[name] as (...args: unknown[]) => unknown;
    vi.spyOn(fs, name).mockImplementation((...args: unknown[]): never => {
      calls += 1;
      if (calls > last) throw new Error('killed');
      return original(...args) as never;
    });
  }
  try {
    work();
  } finally {
    vi.restoreAllMocks();
  }
}
