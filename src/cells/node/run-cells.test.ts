import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { filesOf } from '../../../test/files-of.ts';
import {
  runAll,
  tinyCell as cellOf,
  tinyCircumstances,
  tinyProblem,
  tinyRequest,
  type Watched,
  watchedDevices,
} from '../../../test/tiny-training.ts';
import { DataError, InterruptedError, need } from '../../errors.ts';
import { heldProbe } from '../../probes/index.ts';
import type { HeldProbe } from '../../records/cell.ts';
import { openCell } from '../../records/node/cell-folder.ts';
import { cellHash, type CellJob } from '../job.ts';
import { trainingJob } from '../training.ts';
import type { TrainingSpec } from '../training-spec.ts';
import { type CellsProgress, type CellsRequest, isFinished, probesByHash, runCells } from './run-cells.ts';

let watched: Watched;
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'normscope-cells-'));
  watched = watchedDevices();
});
afterEach(() => rmSync(root, { recursive: true }));

const seeds = (...list: number[]): TrainingSpec[] => list.map((seed) => cellOf({ seed }));
const request = (specs: readonly TrainingSpec[], parallel = 1, folder = root): CellsRequest => ({
  ...tinyRequest(specs, folder),
  parallel,
  openDevice: watched.openDevice,
});
const cell = (spec: TrainingSpec): CellJob['cells'][number] => need(trainingJob(spec).cells[0], 'a cell');
const hashOf = (spec: TrainingSpec): string => cellHash(cell(spec), tinyCircumstances);
const state = (spec: TrainingSpec): string => openCell(root, hashOf(spec)).state();
const finished = (spec: TrainingSpec): boolean => isFinished(cell(spec), tinyCircumstances, root);

describe('runCells()', () => {
  it('gives the same bits one at a time and two at once, in the order asked for', async () => {
    const standard = cellOf({}, [heldProbe('landscape', { every: 5 })], tinyProblem({ norm: 'none' }));
    const specs = [...seeds(0, 1), standard, ...seeds(2)];
    const one = await runAll(request(specs, 1, join(root, 'one')));
    const two = await runAll(request(specs, 2, join(root, 'two')));
    expect(one.map(({ hash }) => hash)).toEqual(specs.map(hashOf));
    expect(two.map(({ hash }) => hash)).toEqual(one.map(({ hash }) => hash));
    expect(filesOf(join(root, 'two'))).toEqual(filesOf(join(root, 'one')));
    expect(Object.keys(filesOf(join(root, 'one')))).toHaveLength(4 * 3);
  });

  it('runs only what is missing', async () => {
    const [first, second] = seeds(0, 1);
    if (first === undefined || second === undefined) throw new RangeError('Two cells');
    await runAll(request([first]));
    expect([finished(first), finished(second)]).toEqual([true, false]);
    watched.runs.length = 0;
    expect(await runAll(request([first, second]))).toHaveLength(2);
    expect(watched.runs).toHaveLength(12);
    await runAll(request([first, second], 2));
    expect(watched.runs).toHaveLength(12);
  });

  it('runs cells that differ in arm or probes alone once, with the probes of all', async () => {
    const [moments, landscape] = [heldProbe('gradient-moments', { every: 4 }), heldProbe('landscape', { every: 6 })];
    const specs = [cellOf({}, [moments]), { ...cellOf({}, [landscape]), arm: 'another' }, cellOf()];
    const cells = await runAll(request(specs, 3));
    // 12 steps, and after two of them a sweep.
    expect(watched.runs).toHaveLength(12 + 2);
    expect(cells).toHaveLength(3);
    expect(new Set(cells.map(({ folder }) => folder)).size).toBe(1);
    expect(cells[0]?.probes).toEqual([moments, landscape]);
  });

  it('says how far it is, found cells left out of the work', async () => {
    const specs = [...seeds(0, 1), cellOf({ seed: 2 }, [heldProbe('landscape', { every: 6 })])];
    await runAll(request(seeds(0)));
    const seen: CellsProgress[] = [];
    await runAll({ ...request(specs), onProgress: (progress) => seen.push(progress) });
    // 12 steps, and 12 steps with 5 gradients at every sixth.
    expect(new Set(seen.map(({ allWork }) => allWork))).toEqual(new Set([12 + 22]));
    expect(seen.map(({ doneWork }) => doneWork)).toEqual(
      seen.map(({ doneWork }) => doneWork).toSorted((a, b) => a - b),
    );
    expect(seen.at(-1)).toMatchObject({ doneWork: 34, finishedCells: 3, allCells: 3 });
    const found = seen.filter(({ moved }) => moved === undefined);
    expect(found.map(({ finishedCells }) => finishedCells)).toEqual([1, 2, 3]);
    expect(seen.filter(({ moved }) => moved !== undefined)).toHaveLength(24);
  });

  it('tries a cell again, from its newest checkpoint, where the engine failed once', async () => {
    const spec = cellOf({ steps: 120 });
    await runAll(request([spec], 1, join(root, 'calm')));
    watched.runs.length = 0;
    watched.before = () => {
      if (watched.runs.length === 111) throw new Error('the engine failed');
    };
    await runAll(request([spec], 1, join(root, 'failing')));
    expect(watched.runs).toHaveLength(111 + 20);
    expect(filesOf(join(root, 'failing'))).toEqual(filesOf(join(root, 'calm')));
  });

  it('gives up on a cell that fails twice, and goes on with the others', async () => {
    const specs = seeds(0, 1, 2);
    watched.before = () => {
      if (watched.runs.length === 13 || watched.runs.length === 14) throw new Error(`failed at ${watched.runs.length}`);
    };
    const outcomes = await runCells(request(specs));
    expect(outcomes.map((outcome) => outcome.finished !== undefined)).toEqual([true, false, true]);
    expect(outcomes[1]?.error).toEqual(new Error('failed at 14'));
    expect(outcomes.map(({ hash }) => hash)).toEqual(specs.map(hashOf));
    expect(specs.map(state)).toEqual(['finished', 'absent', 'finished']);
    watched.before = undefined;
    watched.runs.length = 0;
    await expect(runAll(request(specs))).resolves.toHaveLength(3);
    expect(watched.runs).toHaveLength(12);
  });

  it('does not try again what another try would only meet again', async () => {
    watched.before = () => {
      throw new DataError('Cannot read the data');
    };
    await expect(runAll(request(seeds(0)))).rejects.toThrow(new DataError('Cannot read the data'));
    expect(watched.runs).toHaveLength(1);
  });

  it('lets the cells beside one that fails come to their end', async () => {
    const [long, failing] = [cellOf({ steps: 50 }), cellOf({ steps: 50, batchSize: 5 })];
    const later = cellOf({ seed: 8 });
    watched.before = (_, { labels }) => {
      if (labels?.length === 5) throw new Error('the engine failed');
    };
    const outcomes = await runCells(request([long, failing, later], 2));
    expect(outcomes.map(({ error }) => error)).toEqual([undefined, new Error('the engine failed'), undefined]);
    expect([long, failing, later].map(state)).toEqual(['finished', 'absent', 'finished']);
  });

  it('makes a cell with the probes of others who will ask for it, so that they find it', async () => {
    const [moments, landscape] = [heldProbe('gradient-moments', { every: 4 }), heldProbe('landscape', { every: 6 })];
    const [first, second] = [cellOf({}, [moments]), { ...cellOf({}, [landscape]), arm: 'another' }];
    const probes = probesByHash([trainingJob(first), trainingJob(second)], tinyCircumstances);
    await runAll({ ...request([first]), probes });
    watched.runs.length = 0;
    await runAll({ ...request([second]), probes });
    expect(watched.runs).toEqual([]);
  });

  it('loads no data set where nothing is missing', async () => {
    await runAll(request(seeds(0)));
    const dataset = () => Promise.reject(new DataError('Nothing must be loaded'));
    await expect(runAll({ ...request(seeds(0)), dataset })).resolves.toHaveLength(1);
  });

  it('stops at the signal with its reason, and begins nothing after it', async () => {
    const controller = new AbortController();
    const reason = new InterruptedError('Stopped by Ctrl-C');
    const specs = seeds(0, 1, 2);
    const stopped = runAll({
      ...request(specs),
      signal: controller.signal,
      onProgress: ({ finishedCells, moved }) => {
        if (finishedCells === 1 && moved?.step === 7) controller.abort(reason);
      },
    });
    await expect(stopped).rejects.toBe(reason);
    expect(specs.map(state)).toEqual(['finished', 'partial', 'absent']);
    watched.runs.length = 0;
    await expect(runAll({ ...request(specs), signal: controller.signal })).rejects.toBe(reason);
    expect(watched.runs).toHaveLength(0);
    await expect(runAll(request(specs))).resolves.toHaveLength(3);
    expect(watched.runs).toHaveLength(5 + 12);
  });

  it('refuses all where one cell cannot be run, before any has begun', async () => {
    const specs = [...seeds(0), cellOf({ batchSize: 1 })];
    await expect(runAll(request(specs))).rejects.toThrow('needs at least 2 values per statistic');
    expect(readdirSync(root)).toEqual([]);
  });

  it('has nothing to do for nothing', async () => {
    await expect(runAll(request([]))).resolves.toEqual([]);
  });
});

describe('the cost of a training', () => {
  it('is a gradient per step, and those of probes at their schedule', () => {
    const cost = (...held: readonly HeldProbe[]): number => cell(cellOf()).cost(held);
    expect(cost()).toBe(12);
    expect(cost(heldProbe('gradient-moments', { every: 2 }))).toBe(12);
    const landscape = heldProbe('landscape', { every: 4, multiples: [0.5, 1, 2], random: true });
    expect(cost(landscape, heldProbe('activation-moments'))).toBe(12 + (12 / 4) * (3 * 2));
  });

  it('counts a third of a gradient for each batch of an evaluation, of which the last step has one', () => {
    const { cost } = cell(cellOf({ evaluateEvery: 5, batchSize: 60 }));
    expect(cost([])).toBeCloseTo(12 + (3 * 167) / 3, 10);
  });
});
