import { describe, expect, it } from 'vitest';
import {
  BATCH_SIZE,
  inner,
  LEARNING_RATE,
  type MeasuredStep,
  measureStep,
  MEASURED_STEP,
  moved,
  normSettings,
  type Numbers,
  openSmall,
  openWhole,
  slopesOf,
  smallProblem,
} from '../../test/measured-step.ts';
import { need } from '../errors.ts';
import type { Problem } from '../problems/problem.ts';
import { deepLinearSideBySide } from '../problems/side-by-side.ts';
import type { Tensors } from '../runtime/device.ts';
import { allFed, openProgram } from '../testing/evaluate.ts';
import { buildEvaluation } from '../train/step-graph.ts';
import { configuredProbe, probe } from './index.ts';
import { POPULATION_BATCHES } from './landscape-readings.ts';
import { rayName, type RayBatch, type Statistics } from './ray.ts';

const multiples = [0.01, 1, 3];

function measured(problem: Problem, statistics: Statistics, batch: RayBatch): Promise<MeasuredStep> {
  return measureStep(problem, probe('landscape', { every: MEASURED_STEP, multiples, statistics, batch }));
}

/** What norms normalise by, under the names of their running statistics. */
async function statisticsOf(
  problem: Problem,
  statistics: Statistics,
  { state, batch }: MeasuredStep,
  feeds: Tensors,
  weights: Numbers,
  atX: Numbers,
): Promise<Numbers> {
  if (statistics === 'running' || statistics === 'batch') return state;
  const running = Object.keys(state);
  if (statistics === 'frozen') {
    const found = await (await openWhole(problem, 'frozen'))(feeds, atX, state);
    const of = (name: string): Float64Array =>
      found[name.replace('runningMean', 'mean').replace('runningVariance', 'variance')] as Float64Array;
    return Object.fromEntries(running.map((name) => [name, of(name)]));
  }
  // From zero, a running statistic becomes momentum times what the library holds for the population's, of one batch.
  const train = await openWhole(problem, 'train');
  const zero = Object.fromEntries(running.map((name) => [name, new Float64Array(state[name]?.length ?? 0)]));
  const sums = structuredClone(zero);
  for (let i = 1; i <= POPULATION_BATCHES; i++) {
    const found = await train(batch(i), weights, zero);
    for (const name of running) {
      const share = normSettings.momentum * POPULATION_BATCHES;
      const own = sums[name] ?? new Float64Array();
      sums[name] = own.map((sum, j) => sum + Number(found[`next ${name}`]?.[j]) / share);
    }
  }
  return sums;
}

/** Every quantity by its definition, from weights moved on this side. */
async function slowly(
  problem: Problem,
  statistics: Statistics,
  batch: RayBatch,
  from: MeasuredStep,
): Promise<Map<string, number>> {
  const feeds = batch === 'same' ? from.feeds : from.batch(0);
  const ownStep = slopesOf(await (await openWhole(problem, 'frozen'))(from.feeds, from.weights, from.state));
  const evaluate = await openWhole(problem, statistics === 'batch' ? 'frozen' : 'eval');
  const at = async (weights: Numbers) => {
    const held = await statisticsOf(problem, statistics, from, feeds, weights, from.weights);
    const found = await evaluate(feeds, weights, held);
    return { loss: Number(found['loss']?.[0]), g: slopesOf(found) };
  };
  const ray = rayName(statistics, batch);
  const origin = await at(from.weights);
  const length = Math.sqrt(inner(ownStep, ownStep));
  const own = Math.sqrt(inner(origin.g, origin.g));
  const expected = new Map([[`${ray}-loss@0`, origin.loss]]);
  for (const multiple of multiples) {
    const s = multiple * LEARNING_RATE;
    const { loss, g } = await at(moved(from.weights, s, ownStep));
    const change = moved(origin.g, 1, g);
    const set = (name: string, value: number): unknown => expected.set(`${ray}-${name}@${multiple}`, value);
    set('loss', loss);
    set('gradient-change', Math.sqrt(inner(change, change)));
    set('beta', Math.sqrt(inner(change, change)) / (s * length));
    set('curvature', inner(change, ownStep) / (s * length * length));
    set('relative-change', Math.sqrt(inner(change, change)) / own);
    set('cosine', inner(origin.g, g) / (own * Math.sqrt(inner(g, g))));
    set('decrease-ratio', (origin.loss - loss) / (s * inner(origin.g, ownStep)));
    set('lipschitz', Math.abs(origin.loss - loss) / (s * length));
  }
  return expected;
}

const all = (['batch', 'running', 'frozen', 'recomputed'] as const)
  .flatMap((statistics) => (['same', 'fresh'] as const).map((batch) => [statistics, batch] as const))
  .filter(([statistics, batch]) => statistics !== 'batch' || batch !== 'same');

describe.each([
  { model: 'mlp', norm: 'batch', cases: all },
  { model: 'mlp', norm: 'none', cases: all },
  { model: 'mlp', norm: 'batch-composed', cases: [['frozen', 'same'] as const] },
  { model: 'vgg11', norm: 'batch', cases: [['frozen', 'fresh'] as const, ['recomputed', 'same'] as const] },
] as const)('the ray on $model with norm $norm', ({ model, norm, cases }) => {
  it.each(cases)(
    'read with %s statistics on the %s batch is what weights moved by hand say',
    async (statistics, batch) => {
      const problem = smallProblem(model, norm);
      const from = await measured(problem, statistics, batch);
      const expected = await slowly(problem, statistics, batch, from);
      const found = new Map(from.records.map(({ quantity, at, value }) => [`${quantity}@${at}`, value]));
      expect([...found.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
      // float64: differences of gradients at eta/100 lose two digits, sums over some thousand products a few more.
      for (const [key, value] of expected) expect((found.get(key) ?? Number.NaN) / value, key).toBeCloseTo(1, 8);
    },
  );
});

describe('the ray', () => {
  it('with running statistics is at x what the library evaluates there', async () => {
    const problem = smallProblem('mlp', 'batch');
    const { records, weights, state, feeds } = await measured(problem, 'running', 'same');
    const program = await openProgram(allFed(need(buildEvaluation(problem, BATCH_SIZE), 'an evaluation')));
    const { loss } = await program.run({ ...feeds, ...weights, ...state } as Numbers);
    const mean = Array.from(loss as Float64Array).reduce((sum, value) => sum + value, 0) / BATCH_SIZE;
    const found = records.find(({ quantity, at }) => quantity === 'running-ray-loss' && at === 0)?.value;
    expect(found).toBeCloseTo(mean, 12);
  });

  it('with frozen statistics begins at the loss of the step itself, and with others does not', async () => {
    const problem = smallProblem('mlp', 'batch');
    const lossOf = async (statistics: Statistics): Promise<number> => {
      const { records } = await measured(problem, statistics, 'same');
      return records.find(({ quantity, at }) => quantity.endsWith('ray-loss') && at === 0)?.value ?? Number.NaN;
    };
    const own = await lossOf('batch');
    expect(await lossOf('frozen')).toBeCloseTo(own, 12);
    expect(Math.abs((await lossOf('running')) - own)).toBeGreaterThan(1e-3);
    expect(Math.abs((await lossOf('recomputed')) - own)).toBeGreaterThan(1e-3);
  });

  it('costs the programs that it runs', () => {
    const cost = (settings: object): number => configuredProbe('landscape', { multiples: [1, 2, 3], ...settings }).cost;
    expect(cost({ batch: 'fresh' })).toBe(4);
    expect(cost({ statistics: 'running' })).toBe(4);
    expect(cost({ statistics: 'frozen' })).toBe(5);
    expect(cost({ statistics: 'recomputed' })).toBe(4 * (1 + POPULATION_BATCHES));
  });

  it('refuses what it cannot read', async () => {
    const refused = async (problem: Problem, settings: object): Promise<unknown> => {
      const { device, session } = openSmall(problem, [probe('landscape', settings)]);
      const error = await session.catch((reason: unknown) => reason);
      await device.close();
      return error;
    };
    const [mlp, l1] = [smallProblem('mlp', 'batch'), smallProblem('mlp', 'batch-l1')];
    const networks = deepLinearSideBySide({ networks: 2, depth: 2, width: 3, norm: 'batch', float: 'float64' });
    const error = (message: RegExp) =>
      expect.objectContaining({ name: 'SettingError', message: expect.stringMatching(message) });
    expect(await refused(mlp, { batch: 'fresh', random: true })).toEqual(error(/leave 'random' at false$/));
    expect(await refused(networks, { statistics: 'running' })).toEqual(error(/networks side by side/));
    expect(await refused(l1, { statistics: 'frozen' })).toEqual(
      error(/can hold the mean and variance of a batch, and '.*running.*' is not the running one of either/),
    );
  });
});
