/** @file Same seed, same bits: of runs side by side, one after another, and killed on the way. */

import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainingSpec } from '../src/cells/training-spec.ts';
import type { FinishedCell } from '../src/records/cell.ts';
import { need } from '../src/errors.ts';
import { createStream } from '../src/math/random.ts';
import { killedCell, STEPS } from './killed-cell.ts';
import { device, runAll, tinyCell, tinyProblem, tinyRequest } from './tiny-training.ts';
import { cellHash, type Circumstances } from '../src/cells/job.ts';
import type { CellsRequest } from '../src/cells/node/run-cells.ts';
import { circumstancesOf } from '../src/cells/node/versions.ts';
import { trainingJob } from '../src/cells/training.ts';
import { syntheticDataset } from '../src/data/synthetic.ts';
import { classifier } from '../src/problems/classifier.ts';
import { filesOf } from './files-of.ts';

const script = fileURLToPath(new URL('./killed-cell.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
/** A process starts anew after each; ten kills at every kind of moment are those of what is written, in src/records. */
const KILLS = 4;

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'normscope-determinism-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A child that runs the cell and is killed as soon as it has taken so many steps; the last step that it told of. */
function runKilledAfter(steps: number, folder: string): Promise<{ isKilled: boolean; step: number }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', tsx, script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    let told = '';
    const lines = (): string[] => told.split('\n').slice(0, -1);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      told += text;
      if (lines().length >= steps) child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL' || code === 0) resolve({ isKilled: code === null, step: Number(lines().at(-1)) });
      else reject(new Error(`The child must end whole or killed, got code ${code}, signal ${signal}`));
    });
  });
}

describe('the same cell', () => {
  it('gives the same records and checkpoints, byte for byte, twice and two at once', async () => {
    const other: TrainingSpec = { ...killedCell, problem: tinyProblem({ norm: 'none' }) };
    const specs = [killedCell, other];
    await runAll({ ...tinyRequest(specs, join(root, 'first')), openDevice: undefined });
    await runAll({ ...tinyRequest(specs, join(root, 'second')), openDevice: undefined, parallel: 2 });
    const files = filesOf(join(root, 'first'));
    expect(filesOf(join(root, 'second'))).toEqual(files);
    const names = Object.keys(files).map((path) => path.replace(/^\/[0-9a-f]{32}\/generation-[0-9a-f]{8}/, ''));
    const each = ['/cell.json', `/checkpoints/step-${STEPS}.safetensors`, '/records.jsonl'];
    expect(names.toSorted()).toEqual([...each, ...each].toSorted());
  });

  it.each([1, 2])(
    'gives the same bytes for the same number of threads: %d, on an MLP of real size',
    async (threads) => {
      // More than 128 inputs per product: ONNX Runtime then shares the columns of one product out to threads.
      const digits = syntheticDataset({ classes: 10, shape: [1, 28, 28], count: 70, seed: 7 });
      const problem = classifier('mlp', { input: digits.shape, classes: 10, norm: 'batch' });
      const cell = tinyCell({ batchSize: 64, steps: 30 }, [], problem);
      const specs = [cell, tinyCell({ batchSize: 64, steps: 30, seed: 4 }, [], problem)];
      const circumstancesWith = (count: number): Circumstances =>
        circumstancesOf({ ...device, threads: count }, () => digits.checksum);
      const request = (folder: string): CellsRequest => ({
        ...tinyRequest(specs, folder),
        circumstances: circumstancesWith(threads),
        dataset: async () => digits,
        openDevice: undefined,
      });
      const [first, second] = [join(root, `mlp-${threads}`), join(root, `mlp-${threads}-again`)];
      const [own] = await runAll(request(first));
      await runAll({ ...request(second), parallel: 2 });
      expect(filesOf(second)).toEqual(filesOf(first));
      // With another number the last bits may differ: it is never taken for the same cell.
      const asked = need(trainingJob(cell).cells[0], 'a cell');
      expect(own?.hash).toBe(cellHash(asked, circumstancesWith(threads)));
      expect(cellHash(asked, circumstancesWith(threads + 1))).not.toBe(own?.hash);
    },
  );

  it(`killed by SIGKILL ${KILLS} times, at random steps, ends with the bytes of one never killed`, async () => {
    const random = createStream({ seed: 2018, purpose: 'noise', layer: 'kills' });
    const folders = [join(root, 'killed')];
    const reached: number[] = [];
    while (reached.length < KILLS) {
      const { isKilled, step } = await runKilledAfter(1 + random.integer(130), folders.at(-1) ?? root);
      // A child on a busy machine may come to its end before the signal does: the kills then go on with another cell.
      if (isKilled) reached.push(step);
      else folders.push(join(root, `killed-${folders.length}`));
    }
    // The kills were spread over the run, before and after checkpoints.
    expect(Math.max(...reached)).toBeGreaterThan(100);
    expect(new Set(reached).size).toBeGreaterThan(2);
    const run = async (folder: string): Promise<FinishedCell> =>
      need((await runAll(tinyRequest([killedCell], folder)))[0], 'a cell');
    const whole = await run(join(root, 'whole'));
    for (const folder of folders) {
      const resumed = await run(folder);
      expect(filesOf(resumed.folder)).toEqual(filesOf(whole.folder));
      // Of the attempts that were killed nothing is left.
      expect(readdirSync(join(folder, resumed.hash))).toHaveLength(1);
    }
  }, 120_000);
});
