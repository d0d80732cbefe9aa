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
import { InterruptedError, need } from '../../errors.ts';
import { heldProbe } from '../../probes/index.ts';
import type { FinishedCell } from '../../records/cell.ts';
import { openCell } from '../../records/node/cell-folder.ts';
import { cellHash, type JobProgress } from '../job.ts';
import { trainingJob } from '../training.ts';
import type { TrainingSpec } from '../training-spec.ts';
import type { CellsRequest } from './run-cells.ts';

let watched: Watched;
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'normscope-cells-'));
  watched = watchedDevices();
});
afterEach(() => rmSync(root, { recursive: true }));

const run = async (spec: TrainingSpec, folder = root, more: Partial<CellsRequest> = {}): Promise<FinishedCell> =>
  need((await runAll({ ...tinyRequest([spec], folder), openDevice: watched.openDevice, ...more }))[0], 'a cell');
const cellIn = (folder: string, spec: TrainingSpec) =>
  openCell(folder, cellHash(need(trainingJob(spec).cells[0], 'a cell'), tinyCircumstances));
const stepsRun = (): number => watched.runs.filter((program) => program.endsWith('step')).length;

describe('a cell that trains', () => {
  it('records each step’s loss and accuracy, evaluations on time, and the state after the last step', async () => {
    const cell = await run(cellOf({ evaluateEvery: 5 }));
    const steps = (quantity: string): number[] =>
      cell.records().flatMap((record) => (record.quantity === quantity ? [record.step] : []));
    const all = Array.from({ length: 12 }, (_, step) => step);
    expect(steps('loss')).toEqual(all);
    expect(steps('accuracy')).toEqual(all);
    expect(steps('test-loss')).toEqual([5, 10, 12]);
    expect(steps('test-accuracy')).toEqual([5, 10, 12]);
    expect(cell.summary).toEqual({ steps: 12, divergedAt: null });
    expect(cell.checkpoint()?.step).toBe(12);
    expect(new Set(cell.records().map(({ mode, quantity }) => `${quantity} ${mode}`))).toEqual(
      new Set(['loss train', 'accuracy train', 'test-loss eval', 'test-accuracy eval']),
    );
  });

  it('finds a finished cell and runs nothing', async () => {
    const first = await run(cellOf());
    const files = filesOf(root);
    watched.runs.length = 0;
    const again = await run(cellOf());
    expect(watched.runs).toEqual([]);
    expect(again.folder).toBe(first.folder);
    expect(filesOf(root)).toEqual(files);
  });

  it('runs again with the union when more probes are asked for, and is then found for each', async () => {
    const [moments, landscape] = [heldProbe('gradient-moments', { every: 4 }), heldProbe('landscape', { every: 6 })];
    const alone = await run(cellOf({}, [moments]));
    const checkpoint = alone.checkpoint();
    watched.runs.length = 0;
    const both = await run(cellOf({}, [landscape]));
    expect(stepsRun()).toBe(12);
    expect(both.hash).toBe(alone.hash);
    expect(both.probes).toEqual([moments, landscape]);
    expect(both.checkpoint()?.tensors).toEqual(checkpoint?.tensors);
    watched.runs.length = 0;
    for (const probes of [[], [moments], [landscape], [moments, landscape]]) await run(cellOf({}, probes));
    expect(watched.runs).toEqual([]);
    const other = await run(cellOf({}, [heldProbe('landscape', { every: 5 })]));
    expect(stepsRun()).toBe(12);
    // Each sees the records of its own probe, and not those of the same probe with other settings.
    const stepsOf = (cell: FinishedCell): readonly number[] => [
      ...new Set(cell.records().flatMap(({ quantity, step }) => (quantity === 'ray-loss' ? [step] : []))),
    ];
    expect(stepsOf(other)).toEqual([0, 5, 10]);
    expect(stepsOf(await run(cellOf({}, [landscape])))).toEqual([0, 6]);
    expect(stepsOf(await run(cellOf({}, [moments])))).toEqual([]);
  });

  it.each([1, 5, 11, 12])(
    'goes on after an interruption at step %i to the bits of a run never stopped',
    async (stop) => {
      const probes = [heldProbe('landscape', { every: 4 }), heldProbe('activation-moments', { every: 3 })];
      const spec = cellOf(
        { evaluateEvery: 5, schedule: { kind: 'plateau', patience: 2, factor: 0.5, improvement: 0.3 } },
        probes,
      );
      const whole = await run(spec, join(root, 'whole'));
      const controller = new AbortController();
      const interrupted = run(spec, join(root, 'stopped'), {
        onProgress: ({ moved }) => moved?.step === stop && controller.abort(new InterruptedError('Stopped by Ctrl-C')),
        signal: controller.signal,
      });
      await expect(interrupted).rejects.toThrow(new InterruptedError('Stopped by Ctrl-C'));
      expect(cellIn(join(root, 'stopped'), spec).state()).toBe('partial');
      watched.runs.length = 0;
      const resumed = await run(spec, join(root, 'stopped'));
      expect(stepsRun()).toBe(12 - stop);
      expect(filesOf(resumed.folder)).toEqual(filesOf(whole.folder));
    },
  );

  it('repeats after a failure no more than the steps since its last checkpoint', async () => {
    const spec = cellOf({ steps: 230 });
    const whole = await run(spec, join(root, 'whole'));
    watched.before = () => {
      if (stepsRun() >= 230 + 152) throw new Error('the engine failed');
    };
    await expect(run(spec, join(root, 'failed'))).rejects.toThrow('the engine failed');
    watched.before = undefined;
    watched.runs.length = 0;
    const resumed = await run(spec, join(root, 'failed'));
    expect(stepsRun()).toBe(130);
    expect(filesOf(resumed.folder)).toEqual(filesOf(whole.folder));
  });

  it('ends a diverged run early, as data', async () => {
    const cell = await run(cellOf({ learningRate: 1e20, evaluateEvery: 1 }));
    const { divergedAt, steps } = cell.summary as { divergedAt: number; steps: number };
    expect(divergedAt).toBeGreaterThan(0);
    expect(divergedAt).toBeLessThan(11);
    expect(steps).toBe(divergedAt + 1);
    const records = cell.records();
    const losses = records.filter(({ quantity }) => quantity === 'loss').map(({ value }) => value);
    expect(losses).toHaveLength(steps);
    expect(losses.findIndex((loss) => !(loss <= 1000 * Math.max(1, losses[0] ?? 0)))).toBe(divergedAt);
    expect(records.filter(({ quantity }) => quantity === 'diverged')).toMatchObject([
      { step: divergedAt, value: divergedAt },
    ]);
    expect(records.filter(({ quantity }) => quantity === 'test-loss')).toHaveLength(divergedAt);
  });

  it('ends with the same bits when it is stopped at the very step that diverges', async () => {
    const spec = cellOf({ learningRate: 1e20 });
    const whole = await run(spec, join(root, 'whole'));
    const last = Number(whole.summary['divergedAt']);
    watched.runs.length = 0;
    const controller = new AbortController();
    watched.before = () => {
      if (stepsRun() === last + 1) controller.abort(new InterruptedError('Stopped by Ctrl-C'));
    };
    await expect(run(spec, join(root, 'stopped'), { signal: controller.signal })).rejects.toThrow(InterruptedError);
    watched.before = undefined;
    const resumed = await run(spec, join(root, 'stopped'));
    expect(filesOf(resumed.folder)).toEqual(filesOf(whole.folder));
  });

  it.each<[string, TrainingSpec, string]>([
    [
      'a batch of one',
      cellOf({ batchSize: 1 }),
      "Batch normalisation needs at least 2 values per statistic to train, but layer 'dense1/norm' gets [1,",
    ],
    [
      'a network for other images',
      cellOf({}, [], tinyProblem({ input: [2, 5, 3] })),
      "The network must take the data's [2,3,5], got [2,5,3]",
    ],
    [
      'a network for other classes',
      cellOf({}, [], tinyProblem({ classes: 5 })),
      "The model must have the data's 4 classes, got 5",
    ],
    ['an unknown probe', cellOf({}, [{ name: 'landscap', settings: { every: 1 } }]), "Unknown probe 'landscap'"],
    [
      'a probe that never measures',
      cellOf({}, [{ name: 'landscape', settings: { every: 0 } }]),
      'steps between measurements, 1 or more',
    ],
  ])('refuses %s, and writes nothing', async (_, spec, message) => {
    await expect(run(spec)).rejects.toThrow(
      expect.objectContaining({ name: 'SettingError', message: expect.stringContaining(message) }),
    );
    expect(readdirSync(root)).toEqual([]);
  });

  it('reports every step', async () => {
    const seen: number[] = [];
    const report = (moved: JobProgress | undefined): void => {
      if (moved === undefined) return;
      seen.push(moved.step);
      expect(moved.loss).toBeGreaterThan(0);
      expect(moved.accuracy).toBeGreaterThanOrEqual(0);
    };
    await run(cellOf(), root, { onProgress: ({ moved }) => report(moved) });
    expect(seen).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  });
});
