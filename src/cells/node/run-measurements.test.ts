import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { device, runAll } from '../../../test/tiny-training.ts';
import { InterruptedError, need } from '../../errors.ts';
import { mul } from '../../graph/arithmetic.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { FloatType } from '../../graph/tensor-type.ts';
import { ops } from '../../ops/index.ts';
import { deepLinear, regression } from '../../problems/regression.ts';
import type { FinishedCell } from '../../records/cell.ts';
import type { StepRecord } from '../../records/record.ts';
import { threadlessDevice } from '../../runtime/node/node-device.ts';
import { sgd } from '../../train/optimisers/sgd.ts';
import { cellHash, type CellJob } from '../job.ts';
import type { Laboratory } from '../laboratory.ts';
import { measurementJob } from '../measurement.ts';
import { circumstancesOf } from './versions.ts';
import type { CellsRequest } from './run-cells.ts';

/** Studies' modules, as far as their cells see them. */
let modules: string;
const codeOf = (name: string): string => pathToFileURL(join(modules, name)).href;
beforeAll(() => {
  modules = mkdtempSync(join(tmpdir(), 'normscope-modules-'));
  writeFileSync(join(modules, 'study.ts'), "import { n } from './parts.ts';\nexport const m = 2 * n;\n");
  writeFileSync(join(modules, 'parts.ts'), 'export const n = 3;\n');
  writeFileSync(join(modules, 'other.ts'), 'export const n = 4;\n');
});
afterAll(() => rmSync(modules, { recursive: true }));

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'normscope-measurement-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const record = (value: number): StepRecord => ({ step: 0, quantity: 'q', value, definition: 'd', mode: 'train' });

type Measure = (laboratory: Laboratory) => Promise<readonly StepRecord[]>;

function jobOf(measure: Measure, seed = 0, module = 'study.ts', n = 3): CellJob {
  const code = codeOf(module);
  return measurementJob({ arm: 'batch', name: 'paper/claim', code, seed, settings: { n }, seconds: 2, measure });
}

const circumstances = circumstancesOf(device, () => '');
const hashOf = (job: CellJob): string => cellHash(need(job.cells[0], 'a cell'), circumstances);
const request = (jobs: readonly CellJob[], more: Partial<CellsRequest> = {}): CellsRequest => ({
  jobs,
  circumstances,
  dataset: () => Promise.reject(new RangeError('A measurement needs no data set')),
  root,
  parallel: 1,
  openDevice: threadlessDevice,
  ...more,
});
const run = async (job: CellJob, more: Partial<CellsRequest> = {}): Promise<FinishedCell> =>
  need((await runAll(request([job], more)))[0], 'a cell');

/** y = factor · x, and an update of the state `s` to y. */
function scaling(factor: number, float: FloatType): ReturnType<GraphBuilder['finish']> {
  const g = new GraphBuilder(ops, float);
  const x = g.input('x', [3], { kind: 'data' });
  const s = g.input('s', [3], { kind: 'state', initial: { kind: 'constant', value: 0 }, owner: 'norm' });
  const y = mul(g, x, factor);
  return g.finish('same name', { y }, [{ state: s, next: mul(g, y, s) }]);
}

describe('a measurement', () => {
  it('runs graphs in either precision, two of one name included, with what would be state fed and returned', async () => {
    const results: unknown[] = [];
    const measure = async (laboratory: Laboratory): Promise<readonly StepRecord[]> => {
      for (const [factor, float] of [
        [2, 'float64'],
        [3, 'float64'],
        [0.1, 'float32'],
      ] as const) {
        const data = (...values: number[]) => (float === 'float64' ? Float64Array : Float32Array).from(values);
        const graph = scaling(factor, float);
        results.push(await laboratory.run(graph, { x: data(1, 2, 4), s: data(1, 1, 2) }));
        await laboratory.run(graph, { x: data(0, 0, 0), s: data(0, 0, 0) });
      }
      return [record(1)];
    };
    await run(jobOf(measure));
    const rounded = (...values: number[]) => Float64Array.from(Float32Array.from(values));
    expect(results).toEqual([
      { y: Float64Array.of(2, 4, 8), s: Float64Array.of(2, 4, 16) },
      { y: Float64Array.of(3, 6, 12), s: Float64Array.of(3, 6, 24) },
      { y: rounded(0.1, 0.2, 0.4), s: rounded(0.1, 0.2, 0.8) },
    ]);
  });

  it.each<FloatType>(['float64', 'float32'])('trains in %s, each session on a state of its own', async (float) => {
    const problem = regression(deepLinear({ depth: 1, width: 1 }), { input: [1], outputs: 1, float });
    const data = (value: number) => (float === 'float64' ? Float64Array : Float32Array).of(value);
    const feeds = { x: data(2), y: data(0) };
    const settings = { batchSize: 1, optimiser: sgd(), learningRate: 0.125 };
    const losses: number[] = [];
    const measure = async (laboratory: Laboratory): Promise<readonly StepRecord[]> => {
      const sessions = [
        await laboratory.openSession(problem, settings),
        await laboratory.openSession(problem, settings),
      ];
      for (const [i, session] of sessions.entries()) await session.write(new Map([['linear1/weight', data(i + 1)]]));
      // ½ (2w)² from w = 1 and w = 2, and after the step from w − 4w/8.
      for (const session of [...sessions, ...sessions]) losses.push((await session.take(feeds)).loss);
      return [];
    };
    await run(jobOf(measure));
    expect(losses).toEqual([2, 8, 0.5, 2]);
  });

  it('is found again, and not repeated, by seed and settings', async () => {
    let count = 0;
    const measure = async (laboratory: Laboratory): Promise<readonly StepRecord[]> => {
      await laboratory.progress(1, 1);
      return [record(++count)];
    };
    const jobs = [jobOf(measure, 0), jobOf(measure, 1), jobOf(measure, 0)];
    const first = await runAll(request(jobs));
    const second = await runAll(request(jobs, { parallel: 2 }));
    expect(count).toBe(2);
    expect(first.map((cell) => cell.records()[0]?.value)).toEqual([1, 2, 1]);
    expect(second.map(({ hash }) => hash)).toEqual(first.map(({ hash }) => hash));
    expect(hashOf(jobOf(measure, 0, 'study.ts', 4))).not.toBe(hashOf(jobOf(measure)));
    expect(hashOf(jobOf(measure, 0, 'other.ts'))).not.toBe(hashOf(jobOf(measure)));
  });

  it('that is stopped leaves no finished cell, and begins anew', async () => {
    const stop = new AbortController();
    const measure = async (laboratory: Laboratory): Promise<readonly StepRecord[]> => {
      stop.abort(new InterruptedError('stopped'));
      await laboratory.progress(1, 2);
      return [record(1)];
    };
    await expect(run(jobOf(measure), { signal: stop.signal })).rejects.toThrow(InterruptedError);
    expect(readdirSync(root)).toEqual([]);
    const again = await run(jobOf(async () => [record(7)]));
    expect(again.records().map(({ value }) => value)).toEqual([7]);
    expect(readdirSync(root)).toEqual([again.hash]);
  });

  it('reports how far it is', async () => {
    const reported: unknown[] = [];
    const measure = async (laboratory: Laboratory): Promise<readonly StepRecord[]> => {
      await laboratory.progress(1, 4);
      await laboratory.progress(3, 4);
      return [];
    };
    await run(jobOf(measure), { onProgress: ({ moved }) => moved && reported.push(moved) });
    expect(reported).toEqual([
      { step: 1, steps: 4 },
      { step: 3, steps: 4 },
    ]);
  });

  it('may refuse a number that nothing tells from another', async () => {
    await expect(run(jobOf(async () => [record(1), record(2)]))).rejects.toThrow(
      "Cannot record 'q' at step 0 a second",
    );
  });
});

describe('a job of several cells', () => {
  /** Three seeds side by side, of one measurement; it says which were asked of it. */
  const several = (asked: number[][]): CellJob => {
    const single = [0, 1, 2].map((seed) => jobOf(async () => [record(seed)], seed));
    const [first] = single;
    return {
      ...need(first, 'a job'),
      cells: single.flatMap(({ cells }) => cells),
      run: async (_, missing) => {
        asked.push(missing.map(({ cell }) => cell.seed));
        for (const { cell, work } of missing) work.append([record(cell.seed)]);
        return missing.map(({ cell }) => ({ seed: cell.seed }));
      },
    };
  };

  it('makes those that are missing, each to be found alone', async () => {
    const asked: number[][] = [];
    await run(jobOf(async () => [record(1)], 1));
    const cells = await runAll(request([several(asked)]));
    expect(cells.map((cell) => cell.records()[0]?.value)).toEqual([0, 1, 2]);
    expect(cells.map(({ summary }) => summary)).toEqual([{ seed: 0 }, { records: 1 }, { seed: 2 }]);
    await runAll(request([several(asked), jobOf(async () => [], 2)]));
    expect(asked).toEqual([[0, 2]]);
  });
});
