/** @file One step of a training in float64, measured by a probe, with all that its slow reference needs; what several probes' tests share. */

import { expect } from 'vitest';
import { grad } from '../src/autodiff/reverse.ts';
import { syntheticDataset } from '../src/data/synthetic.ts';
import { need } from '../src/errors.ts';
import { parametersOf, type Value } from '../src/graph/graph.ts';
import type { ModelName } from '../src/models/index.ts';
import type { Mode } from '../src/nn/network.ts';
import type { NormName } from '../src/norms/index.ts';
import { defaultNormSettings, type NormSettings } from '../src/norms/norm.ts';
import { classifier } from '../src/problems/classifier.ts';
import type { BuiltProblem, Problem } from '../src/problems/problem.ts';
import type { StepRecord } from '../src/records/record.ts';
import type { Device, Tensors } from '../src/runtime/device.ts';
import { threadlessDevice } from '../src/runtime/node/node-device.ts';
import { allFed, openProgram } from '../src/testing/evaluate.ts';
import type { BatchSource } from '../src/train/batch-source.ts';
import { imageBatches, imageFeeds } from '../src/train/image-feeds.ts';
import { sgd } from '../src/train/optimisers/sgd.ts';
import type { Readout } from '../src/train/readout.ts';
import { openSession, type Session } from '../src/train/session.ts';
import type { Snapshot } from '../src/train/snapshot.ts';

export type Numbers = Readonly<Record<string, Float64Array>>;

const data = syntheticDataset({ classes: 4, shape: [3, 8, 8], count: 60, seed: 2 });
export const BATCH_SIZE = 7;
const seed = 3;

/** The step that is measured: the fifth. */
export const MEASURED_STEP = 4;
export const LEARNING_RATE = 0.1;
/** Neither epsilon, which is part of what is normalised by, nor momentum is as usual. */
export const normSettings: NormSettings = { ...defaultNormSettings, epsilon: 1e-3, momentum: 0.3 };

export function smallProblem(model: ModelName, norm: NormName): Problem {
  const width = model === 'mlp' ? 0.05 : 0.04;
  return classifier(model, { input: data.shape, classes: 4, norm, normSettings, width, float: 'float64' });
}

export interface MeasuredStep {
  readonly records: readonly StepRecord[];
  /** Parameters, and the norms' state, before the step; parameters after it. */
  readonly weights: Numbers;
  readonly state: Numbers;
  readonly after: Numbers;
  readonly feeds: Tensors;
  /** Further batches of the step, by their number. */
  readonly batch: (index: number) => Tensors;
}

export interface SmallSession {
  readonly device: Device;
  readonly batches: BatchSource;
  /** At its first step. */
  readonly session: Promise<Session>;
}

export function openSmall(problem: Problem, readouts: readonly Readout[]): SmallSession {
  const device = threadlessDevice({ lowering: 'reference', threads: 1 });
  const batches = imageBatches(data, { seed, augment: false }, 'float64');
  const settings = { batchSize: BATCH_SIZE, seed, optimiser: sgd(), learningRate: LEARNING_RATE, readouts, batches };
  return { device, batches, session: openSession(device, problem, settings) };
}

/** Measures one step; all that is stored is then, to the bit, what it is without the readout, which is due at that step. */
export async function measureStep(problem: Problem, readout: Readout): Promise<MeasuredStep> {
  const [bare, probed] = [await trained(problem, []), await trained(problem, [readout])];
  expect(probed.snapshot).toEqual(bare.snapshot);
  return probed;
}

async function trained(
  problem: Problem,
  readouts: readonly Readout[],
): Promise<MeasuredStep & { readonly snapshot: Snapshot }> {
  const { device, batches, session: opening } = openSmall(problem, readouts);
  const session = await opening;
  const feedsAt = imageFeeds(data, { batchSize: BATCH_SIZE, seed, augment: false }, 'float64');
  while (session.step < MEASURED_STEP) await session.take(feedsAt(session.step));
  const parameters = new Set(parametersOf(session.graph).map(({ name }) => name));
  const stored = async (isParameter: boolean): Promise<Numbers> =>
    Object.fromEntries(
      [...(await session.read())].flatMap(([name, tensor]) =>
        parameters.has(name) === isParameter ? [[name, (tensor.data as Float64Array).slice()]] : [],
      ),
    );
  const [weights, state] = [await stored(true), await stored(false)];
  const { records, feeds, step } = await session.take(feedsAt(MEASURED_STEP));
  const [snapshot, after] = [await session.snapshot(), await stored(true)];
  await device.close();
  const draw = batches({ split: 'train', size: BATCH_SIZE });
  const own = records.filter((record) => record.step === step);
  return { records: own, feeds, snapshot, weights, state, after, batch: (index: number) => draw(step, index) };
}

/**
 * A network in one mode, everything fed: its loss, `d <parameter>`, what batch norm notes of itself, `next <state>`, and what
 * else is asked of it. Feeds that it lacks are left out.
 */
export async function openWhole(
  problem: Problem,
  mode: Mode,
  more: (built: BuiltProblem) => Readonly<Record<string, Value>> = () => ({}),
): Promise<(...given: readonly Tensors[]) => Promise<Tensors>> {
  const built = problem.build({ mode, batchSize: BATCH_SIZE });
  const { g, loss, network } = built;
  const parameters = parametersOf(g);
  const slopes = grad(g, loss, parameters);
  const named = parameters.map(({ name }, i) => [`d ${name}`, need(slopes[i], 'a slope')] as const);
  const statistics = [...network.quantities].filter(([name]) => /\/(mean|variance)$/.test(name));
  const next = network.updates.map((update) => [`next ${update.state.name}`, update.next] as const);
  const all = { loss, ...Object.fromEntries([...named, ...statistics, ...next]), ...more(built) };
  const graph = allFed(g.finish('whole', all));
  const program = await openProgram(graph);
  const fed = new Set(graph.inputs.map(({ value }) => value.name));
  return async (...given: readonly Tensors[]): Promise<Tensors> => {
    const feeds: Tensors = Object.assign({}, ...given);
    return program.run(Object.fromEntries(Object.entries(feeds).filter(([name]) => fed.has(name))) as Numbers);
  };
}

/** The gradients among the outputs, by parameter. */
export function slopesOf(found: Tensors): Numbers {
  const slopes = Object.entries(found).filter(([name]) => name.startsWith('d '));
  return Object.fromEntries(slopes.map(([name, values]) => [name.slice(2), values as Float64Array]));
}

export function inner(u: Numbers, v: Numbers): number {
  return Object.entries(u).reduce(
    (sum, [name, values]) => sum + values.reduce((a, x, i) => a + x * (v[name]?.[i] ?? Number.NaN), 0),
    0,
  );
}

/** u − s·v. */
export function moved(u: Numbers, s: number, v: Numbers): Numbers {
  return Object.fromEntries(
    Object.entries(u).map(([name, values]) => [name, values.map((x, i) => x - s * (v[name]?.[i] ?? Number.NaN))]),
  );
}
