import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StorageError } from '../../errors.ts';
import type { HeldProbe } from '../cell.ts';
import { openCell } from './cell-folder.ts';
import type { CellWork } from './cell-work.ts';
import type { StepRecord } from '../record.ts';
import type { StoredTensor } from '../safetensors.ts';

const hash = '0123456789abcdef';
const config = { arm: 'batch', seed: 3, lr: 0.1 };
const moments: HeldProbe = { name: 'moments', settings: { every: 10 } };
const ray: HeldProbe = { name: 'ray', settings: { every: 5, at: [0.5, 1] } };

let root: string;
beforeEach(() => {
  root = join(fs.mkdtempSync(join(tmpdir(), 'normscope-cell-')), 'cells');
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(join(root, '..'), { recursive: true, force: true });
});

function record(step: number): StepRecord {
  return { step, quantity: 'loss', value: 1 / (step + 1), definition: `definition ${step % 2}`, mode: 'train' };
}

function state(step: number): Map<string, StoredTensor> {
  return new Map([['w', { dtype: 'float32', shape: [1, 3], data: Float32Array.of(step, step / 3, -step) }]]);
}

/** Trains as a cell would: one record a step, a checkpoint every third step. */
function train(work: CellWork, steps: number): void {
  for (let step = work.resumeFrom?.step ?? 0; step < steps; step++) {
    if (step > (work.resumeFrom?.step ?? 0) && step % 3 === 0) {
      work.saveCheckpoint({ step, tensors: state(step), metadata: { at: `${step}` } });
    }
    work.append([record(step)]);
  }
}

function finish(probes: readonly HeldProbe[] = [moments]): void {
  const work = openCell(root, hash).begin(config, probes);
  train(work, 11);
  work.saveCheckpoint({ step: 11, tensors: state(11), metadata: {} });
  work.finish({ loss: Number.NaN });
}

/** Every file below a folder with its bytes. */
function contents(folder: string): Record<string, string> {
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => fs.statSync(join(folder, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, fs.readFileSync(join(folder, name), 'latin1')]));
}

describe('openCell()', () => {
  it('goes from absent to partial to finished', () => {
    const cell = openCell(root, hash);
    expect(cell.state()).toBe('absent');
    expect(cell.maybeFinished()).toBeUndefined();
    const work = cell.begin(config, [moments]);
    expect(cell.state()).toBe('partial');
    train(work, 5);
    work.saveCheckpoint({ step: 5, tensors: state(5), metadata: { note: 'end' } });
    expect(cell.state()).toBe('partial');
    work.finish({ loss: 0.25 });
    expect(cell.state()).toBe('finished');
    const finished = cell.maybeFinished();
    expect(finished).toMatchObject({ hash, config, probes: [moments], summary: { loss: 0.25 } });
    expect(finished?.folder).toBe(join(root, hash));
    expect(finished?.records()).toEqual([0, 1, 2, 3, 4].map(record));
    expect(finished?.checkpoint()).toMatchObject({ step: 5, tensors: state(5), metadata: { note: 'end' } });
    expect(fs.readdirSync(root)).toEqual([hash]);
  });

  it('holds the probes that it was run with, by name and settings', () => {
    finish([moments, ray]);
    const finished = openCell(root, hash).maybeFinished();
    expect(finished?.holds([])).toBe(true);
    expect(finished?.holds([{ name: 'ray', settings: { at: [0.5, 1], every: 5 } }])).toBe(true);
    expect(finished?.holds([{ name: 'ray', settings: { at: [0.5], every: 5 } }])).toBe(false);
    expect(finished?.holds([moments, { name: 'hessian', settings: {} }])).toBe(false);
  });

  it('keeps the newest two checkpoints while it runs and the last when it is whole', () => {
    const work = openCell(root, hash).begin(config, []);
    const names = (folder: string): string[] => fs.readdirSync(join(folder, 'checkpoints')).sort();
    train(work, 13);
    expect(names(work.folder)).toEqual(['step-12.safetensors', 'step-9.safetensors']);
    work.finish({});
    expect(names(join(root, hash))).toEqual(['step-12.safetensors']);
  });

  it('is not finished when its records or its description were cut', () => {
    finish();
    const records = join(root, hash, 'records.jsonl');
    fs.truncateSync(records, fs.statSync(records).size - 1);
    expect(openCell(root, hash).state()).toBe('absent');
    fs.rmSync(join(root, hash), { recursive: true });
    finish();
    fs.truncateSync(join(root, hash, 'cell.json'), 20);
    expect(openCell(root, hash).state()).toBe('absent');
    finish();
    expect(openCell(root, hash).state()).toBe('finished');
  });

  it('refuses a hash that is not one', () => {
    for (const name of ['', '../escape', 'ABCDEF01', 'abc']) expect(() => openCell(root, name)).toThrow(StorageError);
  });
});

describe('begin()', () => {
  it('resumes a stopped cell to the bytes of one never stopped', () => {
    finish();
    const whole = contents(join(root, hash));
    for (const stop of [1, 3, 4, 7, 10]) {
      fs.rmSync(root, { recursive: true });
      const first = openCell(root, hash).begin(config, [moments]);
      train(first, stop);
      first.close();
      const work = openCell(root, hash).begin(config, [moments]);
      expect(work.resumeFrom?.step, `stopped at ${stop}`).toBe(stop > 3 ? Math.floor((stop - 1) / 3) * 3 : undefined);
      train(work, 11);
      work.saveCheckpoint({ step: 11, tensors: state(11), metadata: {} });
      work.finish({ loss: Number.NaN });
      expect(contents(join(root, hash)), `stopped at ${stop}`).toEqual(whole);
    }
  });

  it('falls back from a half-written checkpoint to the one before, and to the start', () => {
    finish();
    const whole = contents(join(root, hash));
    fs.rmSync(root, { recursive: true });
    const first = openCell(root, hash).begin(config, [moments]);
    train(first, 8);
    first.close();
    const checkpoints = join(first.folder, 'checkpoints');
    fs.truncateSync(join(checkpoints, 'step-6.safetensors'), 100);
    fs.writeFileSync(join(checkpoints, '.step-9.safetensors.77-1.tmp'), 'torn');
    const second = openCell(root, hash).begin(config, [moments]);
    expect(second.resumeFrom?.step).toBe(3);
    expect(fs.readdirSync(checkpoints)).toEqual(['step-3.safetensors']);
    second.close();
    fs.truncateSync(join(checkpoints, 'step-3.safetensors'), 0);
    const third = openCell(root, hash).begin(config, [moments]);
    expect(third.resumeFrom).toBeUndefined();
    train(third, 11);
    third.saveCheckpoint({ step: 11, tensors: state(11), metadata: {} });
    third.finish({ loss: Number.NaN });
    expect(contents(join(root, hash))).toEqual(whole);
  });

  it('falls back from a checkpoint whose records are gone', () => {
    const first = openCell(root, hash).begin(config, []);
    train(first, 8);
    first.close();
    // Two definitions and four records: enough for the checkpoint at step 3, too few for the one at step 6.
    const path = join(first.folder, 'records.jsonl');
    fs.writeFileSync(path, `${fs.readFileSync(path, 'utf8').split('\n').slice(0, 6).join('\n')}\n`);
    const second = openCell(root, hash).begin(config, []);
    expect(second.resumeFrom?.step).toBe(3);
    second.discard();
  });

  it('starts anew where the partial cell has another config or lacks a probe', () => {
    const first = openCell(root, hash).begin(config, [moments]);
    train(first, 5);
    first.close();
    const more = openCell(root, hash).begin(config, [moments, ray]);
    expect(more.resumeFrom).toBeUndefined();
    train(more, 5);
    more.close();
    const fewer = openCell(root, hash).begin(config, [ray]);
    expect(fewer.resumeFrom?.step).toBe(3);
    expect(fewer.probes).toEqual([moments, ray]);
    fewer.close();
    const other = openCell(root, hash).begin({ ...config, lr: 1 }, [ray]);
    expect(other.resumeFrom).toBeUndefined();
    other.discard();
  });

  it('runs a finished cell again with the union of probes, and leaves the old one in use until then', () => {
    finish([moments]);
    const cell = openCell(root, hash);
    const work = cell.begin(config, [ray]);
    expect(work.probes).toEqual([ray, moments]);
    train(work, 4);
    expect(cell.state()).toBe('finished');
    expect(cell.maybeFinished()?.records()).toHaveLength(11);
    work.finish({});
    expect(cell.maybeFinished()?.holds([moments, ray])).toBe(true);
    expect(cell.maybeFinished()?.records()).toHaveLength(4);
    expect(fs.readdirSync(root)).toEqual([hash]);
  });

  it.each([1, 2])('survives a kill at move %i of putting a cell in the place of an older one', (killedMove) => {
    finish([moments]);
    const work = openCell(root, hash).begin(config, [ray]);
    train(work, 4);
    const rename = fs.renameSync;
    let moves = 0;
    vi.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
      if (!String(from).endsWith('.tmp')) moves += 1;
      if (moves === killedMove) throw new Error('killed');
      rename(from, to);
    });
    expect(() => work.finish({})).toThrow('killed');
    vi.restoreAllMocks();
    work.close();
    const cell = openCell(root, hash);
    expect(cell.maybeFinished()?.holds([moments, ray])).toBe(true);
    expect(cell.maybeFinished()?.records()).toHaveLength(4);
    cell.begin(config, [ray]).discard();
    expect(cell.maybeFinished()?.records()).toHaveLength(4);
    expect(fs.readdirSync(root)).toEqual([hash]);
  });

  it('lets one process at a time work on a cell', () => {
    const work = openCell(root, hash).begin(config, []);
    expect(() => openCell(root, hash).begin(config, [])).toThrow(`Cannot work on cell ${hash}: process ${process.pid}`);
    work.discard();
    expect(openCell(root, hash).state()).toBe('absent');
    openCell(root, hash).begin(config, []).discard();
    expect(fs.readdirSync(root)).toEqual([]);
  });

  it('gives the lock back when the disk is full, and resumes when there is room', () => {
    const work = openCell(root, hash).begin(config, []);
    train(work, 5);
    vi.spyOn(fs, 'writeSync').mockImplementation(() => {
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    });
    work.append([record(5)]);
    expect(() => work.saveCheckpoint({ step: 6, tensors: state(6), metadata: {} })).toThrow(StorageError);
    expect(() => work.close()).toThrow('the disk is full');
    vi.restoreAllMocks();
    const again = openCell(root, hash).begin(config, []);
    expect(again.resumeFrom?.step).toBe(3);
    again.discard();
  });

  it('says that a file is in the way of the root', () => {
    fs.writeFileSync(root, '');
    expect(() => openCell(root, hash).begin(config, [])).toThrow(StorageError);
  });

  it('resumes to the same bytes when killed before any call of the file system, replacing an older cell', () => {
    finish([moments]);
    const older = contents(root);
    const run = (): void => {
      const work = openCell(root, hash).begin(config, [moments, ray]);
      train(work, 8);
      work.finish({});
    };
    run();
    const whole = contents(join(root, hash));
    const calls = countCalls(run);
    expect(calls).toBeGreaterThan(30);
    for (let last = 0; last < calls; last++) {
      fs.rmSync(root, { recursive: true });
      for (const [name, bytes] of Object.entries(older)) {
        fs.mkdirSync(join(root, name, '..'), { recursive: true });
        fs.writeFileSync(join(root, name), bytes, 'latin1');
      }
      expect(() => killAfter(last, run), `killed after ${last} calls`).toThrow('killed');
      // This process is alive, unlike the one that it plays.
      fs.rmSync(join(root, `${hash}.lock`), { force: true });
      // At no moment is there less than the older cell.
      expect(openCell(root, hash).maybeFinished()?.holds([moments]), `killed after ${last} calls`).toBe(true);
      run();
      expect(contents(join(root, hash)), `killed after ${last} calls`).toEqual(whole);
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
      const work = openCell(process.argv[1], '${hash}').begin(${JSON.stringify(config)}, []);
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
  'linkSync',
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
