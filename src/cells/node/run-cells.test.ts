import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { filesOf } from '../../../test/files-of.ts';
import {
  tinyCell as cellOf,
  tinyData,
  tinyProblem,
  type Watched,
  watchedDevices,
} from '../../../test/tiny-training.ts';
import { DataError, InterruptedError } from '../../errors.ts';
import { heldProbe } from '../../probes/index.ts';
import { openCell } from '../../records/node/cell-folder.ts';
import type { TrainingSpec } from '../cell-spec.ts';
import { cellHash } from './cell-hash.ts';
import { type CellsProgress, isFinished, runCells, work } from './run-cells.ts';

let watched: Watched;
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'normscope-cells-'));
  watched = watchedDevices();
});
afterEach(() => rmSync(root, { recursive: true }));

const seeds = (...list: number[]): TrainingSpec[] => list.map((seed) => cellOf({ seed }));
const request = (specs: readonly TrainingSpec[], parallel = 1, folder = root) => ({
  specs,
  dataset: tinyData,
  root: folder,
  parallel,
  openDevice: watched.openDevice,
});
const state = (spec: TrainingSpec): string => openCell(root, cellHash(spec, tinyData)).state();

describe('runCells()', () => {
  it('gives the same bits one at a time and two at once, in the order asked for', async () => {
    const standard = cellOf({}, [heldProbe('landscape', { every: 5 })], tinyProblem({ norm: 'none' }));
    const specs = [...seeds(0, 1), standard, ...seeds(2)];
    const one = await runCells(request(specs, 1, join(root, 'one')));
    const two = await runCells(request(specs, 2, join(root, 'two')));
    expect(one.map(({ hash }) => hash)).toEqual(specs.map((spec) => cellHash(spec, tinyData)));
    expect(two.map(({ hash }) => hash)).toEqual(one.map(({ hash }) => hash));
    expect(filesOf(join(root, 'two'))).toEqual(filesOf(join(root, 'one')));
    expect(Object.keys(filesOf(join(root, 'one')))).toHaveLength(4 * 3);
  });

  it('runs only what is missing', async () => {
    const [first, second] = seeds(0, 1);
    if (first === undefined || second === undefined) throw new RangeError('Two cells');
    await runCells(request([first]));
    expect([isFinished(first, tinyData, root), isFinished(second, tinyData, root)]).toEqual([true, false]);
    watched.runs.length = 0;
    expect(await runCells(request([first, second]))).toHaveLength(2);
    expect(watched.runs).toHaveLength(12);
    await runCells(request([first, second], 2));
    expect(watched.runs).toHaveLength(12);
  });

  it('runs cells that differ in arm or probes alone once, with the probes of all', async () => {
    const [moments, landscape] = [heldProbe('gradient-moments', { every: 4 }), heldProbe('landscape', { every: 6 })];
    const specs = [cellOf({}, [moments]), { ...cellOf({}, [landscape]), arm: 'another' }, cellOf()];
    const cells = await runCells(request(specs, 3));
    // 12 steps, and after two of them a sweep.
    expect(watched.runs).toHaveLength(12 + 2);
    expect(cells).toHaveLength(3);
    expect(new Set(cells.map(({ folder }) => folder)).size).toBe(1);
    expect(cells[0]?.probes).toEqual([moments, landscape]);
  });

  it('says how far it is, found cells left out of the work', async () => {
    const specs = [...seeds(0, 1), cellOf({ seed: 2 }, [heldProbe('landscape', { every: 6 })])];
    await runCells(request(seeds(0)));
    const seen: CellsProgress[] = [];
    await runCells({ ...request(specs), onProgress: (progress) => seen.push(progress) });
    // 12 steps, and 12 steps with 5 gradients at every sixth.
    expect(new Set(seen.map(({ allWork }) => allWork))).toEqual(new Set([12 + 22]));
    expect(seen.map(({ doneWork }) => doneWork)).toEqual(
      seen.map(({ doneWork }) => doneWork).toSorted((a, b) => a - b),
    );
    expect(seen.at(-1)).toMatchObject({ doneWork: 34, finishedCells: 3, allCells: 3 });
    const found = seen.filter(({ cell }) => cell === undefined);
    expect(found.map(({ finishedCells }) => finishedCells)).toEqual([1, 2, 3]);
    expect(seen.filter(({ cell }) => cell !== undefined)).toHaveLength(24);
  });

  it('tries a cell again, from its newest checkpoint, where the engine failed once', async () => {
    const spec = cellOf({ steps: 120 });
    await runCells(request([spec], 1, join(root, 'calm')));
    watched.runs.length = 0;
    watched.before = () => {
      if (watched.runs.length === 111) throw new Error('the engine failed');
    };
    await runCells(request([spec], 1, join(root, 'failing')));
    expect(watched.runs).toHaveLength(111 + 20);
    expect(filesOf(join(root, 'failing'))).toEqual(filesOf(join(root, 'calm')));
  });

  it('gives up on a cell that fails twice; what was finished stays, what comes after is not begun', async () => {
    const specs = seeds(0, 1, 2);
    watched.before = () => {
      if (watched.runs.length > 12) throw new Error(`the engine failed at run ${watched.runs.length}`);
    };
    await expect(runCells(request(specs))).rejects.toThrow('the engine failed at run 14');
    expect(specs.map(state)).toEqual(['finished', 'partial', 'absent']);
    watched.before = undefined;
    watched.runs.length = 0;
    await expect(runCells(request(specs))).resolves.toHaveLength(3);
    expect(watched.runs).toHaveLength(24);
  });

  it('does not try again what another try would only meet again', async () => {
    watched.before = () => {
      throw new DataError('Cannot read the data');
    };
    await expect(runCells(request(seeds(0)))).rejects.toThrow(new DataError('Cannot read the data'));
    expect(watched.runs).toHaveLength(1);
  });

  it('stops the cells beside the one that failed, each with its checkpoint, and tries none of them again', async () => {
    const [long, failing] = [cellOf({ steps: 5000 }), cellOf({ steps: 5000, batchSize: 5 })];
    const later = cellOf({ seed: 8 });
    watched.before = (_, { labels }) => {
      if (labels?.length === 5 && watched.runs.length > 20) throw new Error('the engine failed');
    };
    await expect(runCells(request([long, failing, later], 2))).rejects.toThrow('the engine failed');
    expect([long, failing, later].map(state)).toEqual(['partial', 'partial', 'absent']);
    expect(watched.opened).toBe(1 + 2);
  });

  it('stops at the signal with its reason, and begins nothing after it', async () => {
    const controller = new AbortController();
    const reason = new InterruptedError('Stopped by Ctrl-C');
    const specs = seeds(0, 1, 2);
    const stopped = runCells({
      ...request(specs),
      signal: controller.signal,
      onProgress: ({ finishedCells, cell }) => {
        if (finishedCells === 1 && cell?.step === 7) controller.abort(reason);
      },
    });
    await expect(stopped).rejects.toBe(reason);
    expect(specs.map(state)).toEqual(['finished', 'partial', 'absent']);
    watched.runs.length = 0;
    await expect(runCells({ ...request(specs), signal: controller.signal })).rejects.toBe(reason);
    expect(watched.runs).toHaveLength(0);
    await expect(runCells(request(specs))).resolves.toHaveLength(3);
    expect(watched.runs).toHaveLength(5 + 12);
  });

  it('refuses all where one cell cannot be run, before any has begun', async () => {
    const specs = [...seeds(0), cellOf({ batchSize: 1 })];
    await expect(runCells(request(specs))).rejects.toThrow('needs at least 2 values per statistic');
    expect(readdirSync(root)).toEqual([]);
  });

  it('has nothing to do for nothing', async () => {
    await expect(runCells(request([]))).resolves.toEqual([]);
  });
});

describe('work()', () => {
  it('counts a gradient per step, and those of probes at their schedule', () => {
    expect(work(cellOf())).toBe(12);
    expect(work(cellOf({}, [heldProbe('gradient-moments', { every: 2 })]))).toBe(12);
    const landscape = heldProbe('landscape', { every: 4, multiples: [0.5, 1, 2], random: true });
    expect(work(cellOf({}, [landscape, heldProbe('activation-moments')]))).toBe(12 + (12 / 4) * (3 * 2));
  });
});
