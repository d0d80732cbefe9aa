import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runAll, tinyCircumstances, type Watched, watchedDevices } from '../../../test/tiny-training.ts';
import { drawLinear } from '../../data/linear.ts';
import { need } from '../../errors.ts';
import { heldProbe, readoutOf } from '../../probes/index.ts';
import { deepLinear, regression } from '../../problems/regression.ts';
import type { FinishedCell } from '../../records/cell.ts';
import type { StepRecord } from '../../records/record.ts';
import { threadlessDevice } from '../../runtime/node/node-device.ts';
import { sgd } from '../../train/optimisers/sgd.ts';
import { openSession } from '../../train/session.ts';
import { cellHash } from '../job.ts';
import { sideBySideJob, type SideBySideSpec } from '../side-by-side.ts';

let watched: Watched;
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'normscope-cells-'));
  watched = watchedDevices();
});
afterEach(() => rmSync(root, { recursive: true }));

const spec: SideBySideSpec = {
  arm: 'batch',
  network: { depth: 3, width: 4, norm: 'batch' },
  seeds: [5, 1, 2],
  examples: 12,
  steps: 7,
  optimiser: sgd(),
  learningRate: 1e-3,
};
const run = (changes: Partial<SideBySideSpec> = {}, folder = root): Promise<readonly FinishedCell[]> =>
  runAll({
    jobs: [sideBySideJob({ ...spec, ...changes })],
    circumstances: tinyCircumstances,
    dataset: () => Promise.reject(new Error('no data set is needed')),
    root: folder,
    parallel: 1,
    openDevice: watched.openDevice,
  });
const lossesOf = (cell: FinishedCell | undefined): readonly number[] =>
  need(cell, 'a cell')
    .records()
    .flatMap(({ quantity, value }) => (quantity === 'loss' ? [value] : []));
const hashes = (changes: Partial<SideBySideSpec> = {}): readonly string[] =>
  sideBySideJob({ ...spec, ...changes }).cells.map((cell) => cellHash(cell, tinyCircumstances));

describe('cells of networks side by side', () => {
  it('record the loss of each step, in one run of the graph for all', async () => {
    const cells = await run();
    expect(cells.map(({ summary }) => summary)).toEqual([5, 1, 2].map(() => ({ steps: 7, divergedAt: null })));
    for (const cell of cells) {
      const records = cell.records();
      expect(records.map(({ step, quantity, mode }) => [step, quantity, mode])).toEqual(
        [0, 1, 2, 3, 4, 5, 6].map((step) => [step, 'loss', 'train']),
      );
      expect(need(lossesOf(cell)[6], 'a loss')).toBeLessThan(need(lossesOf(cell)[0], 'a loss'));
    }
    expect(new Set(cells.map((cell) => lossesOf(cell)[0])).size).toBe(3);
    expect(watched.runs.filter((program) => program.endsWith('step'))).toHaveLength(7);
  });

  it('are named by their own seed alone, and hold the same numbers whoever was made with them', async () => {
    expect(hashes({ seeds: [2, 9, 5] })).toEqual([hashes()[2], hashes({ seeds: [9] })[0], hashes()[0]]);
    expect(new Set(hashes()).size).toBe(3);
    const together = await run();
    const other = mkdtempSync(join(root, 'other-'));
    expect(lossesOf((await run({ seeds: [2] }, other))[0])).toEqual(lossesOf(together[2]));
  });

  it.each<[string, Partial<SideBySideSpec>]>([
    ['norm', { network: { ...spec.network, norm: 'none' } }],
    ['depth', { network: { ...spec.network, depth: 4 } }],
    ['examples', { examples: 16 }],
    ['steps', { steps: 8 }],
    ['rate', { learningRate: 2e-3 }],
    ['optimiser', { optimiser: sgd({ momentum: 0.5 }) }],
  ])('are named anew with another %s', (_, changes) => expect(hashes(changes)).not.toContain(hashes()[0]));

  it('are made where they are missing, and no others', async () => {
    const first = await run({ seeds: [1] });
    const fed = new Set<number>();
    watched.before = (_program, { x }) => fed.add(need(x, 'examples').length);
    const all = await run();
    expect([...fed]).toEqual([2 * 4 * 12]);
    expect(all[1]?.folder).toBe(first[0]?.folder);
    watched.runs.length = 0;
    await run();
    expect(watched.runs).toEqual([]);
  });

  it('end each at its own divergence', async () => {
    const [one, two, three] = await run({ network: { ...spec.network, norm: 'none' }, learningRate: 0.015, steps: 30 });
    const cells = [one, two, three].map((cell) => need(cell, 'a cell'));
    for (const cell of cells) {
      const diverged = cell.records().filter(({ quantity }) => quantity === 'diverged');
      const end = cell.summary['divergedAt'];
      expect(diverged.map(({ value }) => value)).toEqual(end === null ? [] : [end]);
      const losses = lossesOf(cell);
      // As trainings alone: at a loss that is no number, or a thousand times that of its own first step.
      const isLost = (loss: number): boolean => !(loss <= 1e3 * Math.max(1, need(losses[0], 'a loss')));
      expect(losses.slice(0, -1).some(isLost)).toBe(false);
      expect(isLost(need(losses.at(-1), 'a loss'))).toBe(end !== null);
      expect(losses).toHaveLength(Number(cell.summary['steps']));
    }
    expect(new Set(cells.map(({ summary }) => summary['divergedAt'])).size).toBeGreaterThan(1);
  });

  it.each<[string, Partial<SideBySideSpec>, RegExp]>([
    [
      'sizes at which bits depend on neighbours',
      { examples: 11 },
      /must be a multiple of 16.*got 11 × 4; try 16 examples/,
    ],
    ['no seed', { seeds: [] }, /one seed or more/],
    ['a seed twice', { seeds: [1, 1] }, /no two alike, got \[1, 1\]/],
    ['no steps', { steps: 0 }, /^Steps must be/],
  ])('refuse %s', (_, changes, message) => {
    expect(() => sideBySideJob({ ...spec, ...changes }).check(undefined)).toThrow(message);
  });

  it('hold what probes measure of each network, the same bits whoever stands beside it', async () => {
    const probes = [
      heldProbe('landscape', { every: 2, multiples: [0.5, 2] }),
      heldProbe('covariate-shift', { every: 3, layers: [2] }),
    ];
    const together = await run({ probes });
    const measuredOf = (cell: FinishedCell | undefined) =>
      need(cell, 'a cell')
        .records()
        .filter(({ quantity }) => quantity !== 'loss');
    for (const [i, seed] of spec.seeds.entries()) {
      const records = measuredOf(together[i]);
      const [alone] = await run({ probes, seeds: [seed] }, join(root, `alone-${seed}`));
      expect(records).toEqual(measuredOf(alone));
      // Four rays of one length, two losses and 8 other quantities at 2 step sizes each; shifts at steps 0, 3 and 6.
      expect(records.filter(({ quantity }) => quantity === 'ray-loss')).toHaveLength(4 * 3);
      expect(records.filter(({ quantity }) => quantity === 'covariate-shift')).toHaveLength(3);
      expect(records.every(({ place, value }) => place === undefined && Number.isFinite(value))).toBe(true);
    }
    expect(new Set(together.map((cell) => measuredOf(cell)[0]?.value)).size).toBe(3);
  });

  it('measure what the probes of the single network measure, to rounding', async () => {
    const probes = [
      heldProbe('landscape', { every: 2, multiples: [0.5, 2] }),
      heldProbe('covariate-shift', { every: 3, layers: [2] }),
    ];
    const [cell] = await run({ probes, seeds: [5, 1], steps: 3 });
    const device = threadlessDevice({ lowering: 'reference', threads: 1 });
    const problem = regression(deepLinear({ depth: 3, width: 4 }), {
      input: [4],
      outputs: 4,
      norm: 'batch',
      over: 'sum',
      initialiser: 'glorot',
    });
    const { x, y } = drawLinear({ seed: 5, examples: 12, inputs: 4, outputs: 4 });
    const settings = { batchSize: 12, seed: 5, optimiser: sgd(), learningRate: 1e-3 };
    const readouts = probes.map(readoutOf);
    const session = await openSession(device, problem, { ...settings, readouts });
    const expected: StepRecord[] = [];
    for (let step = 0; step < 3; step++) expected.push(...(await session.take({ x, y })).records);
    await device.close();
    const made = need(cell, 'a cell').records();
    expect(expected.length).toBeGreaterThan(30);
    for (const { step, quantity, layer, at, value } of expected) {
      const own = made.find(
        (record) => record.step === step && record.quantity === quantity && record.at === at && record.layer === layer,
      );
      // float32 over a dozen examples; differences of gradients, and of losses, lose two digits more.
      expect(Math.abs(need(own, quantity).value - value), `${quantity} at ${at}`).toBeLessThan(
        1e-4 * Math.max(1, Math.abs(value)),
      );
    }
  });
});
