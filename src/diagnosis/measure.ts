/** @file What is measured of a network in one state, before any rule is asked: plain numbers, layer by layer. */

import { need } from '../errors.ts';
import { euclideanNorm } from '../math/inner-product.ts';
import { outputOf, scalarOf, type Tensors } from '../runtime/device.ts';
import { average, differences, middleOf, overGroups, type Spread } from './groups.ts';
import { type Instruments, type Losses, lossesOf } from './instruments.ts';
import type { LayerAbout, WeightAbout } from './look-graph.ts';
import type { NormPlace } from './norm-places.ts';
import { type BatchStatistics, type Population, pool, type Staleness, stalenessOf } from './population.ts';
import type { State } from './subject.ts';

export interface MeasuredNorm {
  readonly place: NormPlace;
  readonly population: Population;
  readonly running: { readonly mean: ArrayLike<number>; readonly variance: ArrayLike<number> };
  readonly staleness: Staleness;
  /** D and R, over groups of batches. */
  readonly distance: Spread;
  readonly ratio: Spread;
  /** Median over channels of the standard deviation of the batch mean, in population deviations. */
  readonly wander: Spread;
}

export interface MeasuredLayer {
  readonly about: LayerAbout;
  /** Share of values above 0 of each unit over all batches; of ReLU layers. */
  readonly active: Float64Array | undefined;
  /** Standard deviation of what its linear map gives. */
  readonly spread: Spread;
  /** Share of values beyond ±9.5 before a tanh. */
  readonly saturated: number | undefined;
}

export interface MeasuredWeight {
  readonly about: WeightAbout;
  /** ‖w‖. */
  readonly length: number;
  /** ‖∂loss/∂w‖, mean over batches. */
  readonly gradient: Spread;
  /** Share of entries whose gradient is not 0, mean over batches. */
  readonly reached: number;
}

export interface Measured {
  readonly state: State;
  readonly batchSize: number;
  readonly looks: readonly Tensors[];
  readonly norms: readonly MeasuredNorm[];
  readonly layers: readonly MeasuredLayer[];
  readonly weights: readonly MeasuredWeight[];
  /** By batch statistics, as in training. */
  readonly frozen: Losses;
  /** By running statistics, on the same batches. */
  readonly evaluation: Losses;
  /** loss by running statistics − loss by the batch's, batch by batch. */
  readonly gap: Spread;
}

/** Looks at the network as it is on the device. @param state - what was written there */
export async function measure(instruments: Instruments, state: State): Promise<Measured> {
  const looks = await instruments.takeLooks();
  const evaluation = await instruments.evaluate();
  const frozen = lossesOf(looks);
  return {
    state,
    batchSize: instruments.batchSize,
    looks,
    norms: normsOf(instruments, looks, state),
    layers: instruments.look.layers.map((about, i) => layerOf(about, i, looks)),
    weights: instruments.look.weights.map((about, i) => weightOf(about, i, looks, state)),
    frozen,
    evaluation,
    gap: differences(evaluation.loss, frozen.loss),
  };
}

/** Batch statistics of one norm on each batch. */
function statisticsAt(looks: readonly Tensors[], layer: number): readonly BatchStatistics[] {
  return looks.map((outputs) => ({
    mean: outputOf(outputs, `mean:${layer}`) as Float32Array,
    variance: outputOf(outputs, `variance:${layer}`) as Float32Array,
  }));
}

/** Every norm's population and running statistics, from looks. */
export function normsOf(
  { norms, look, batchSize }: Instruments,
  looks: readonly Tensors[],
  state: State,
): readonly MeasuredNorm[] {
  return norms.map((place) => {
    const statistics = statisticsAt(
      looks,
      look.layers.findIndex(({ name }) => name === place.layer),
    );
    const perBatch = place.perExample * batchSize;
    const population = pool(statistics, perBatch);
    const running = runningOf(state, place);
    const stale = (part: readonly BatchStatistics[]): Staleness =>
      stalenessOf(running, pool(part, perBatch), place.epsilon);
    return {
      place,
      population,
      running,
      staleness: stale(statistics),
      distance: overGroups(statistics, (part) => stale(part).distance),
      ratio: overGroups(statistics, (part) => stale(part).ratio),
      wander: overGroups(statistics, (part) => middleOf(pool(part, perBatch).wander)),
    };
  });
}

function layerOf(about: LayerAbout, i: number, looks: readonly Tensors[]): MeasuredLayer {
  const saturated = looks.flatMap((outputs) =>
    `saturated:${i}` in outputs ? [scalarOf(outputs, `saturated:${i}`)] : [],
  );
  return {
    about,
    active:
      about.activation === 'relu' ? meanVector(looks.map((outputs) => outputOf(outputs, `active:${i}`))) : undefined,
    spread: overGroups(looks, (part) => spreadOn(part, i)),
    saturated: saturated.length === 0 ? undefined : average(saturated),
  };
}

function weightOf(about: WeightAbout, i: number, looks: readonly Tensors[], state: State): MeasuredWeight {
  return {
    about,
    length: euclideanNorm(Float64Array.from(numbersOf(state, about.name))),
    gradient: overGroups(looks, (part) => gradientOn(part, i)),
    reached: average(looks.map((outputs) => scalarOf(outputs, `reached:${i}`))),
  };
}

/** The standard deviation of what the linear map of layer i gives, mean over batches. */
export function spreadOn(looks: readonly Tensors[], i: number): number {
  return average(looks.map((outputs) => scalarOf(outputs, `spread:${i}`)));
}

/** ‖∂loss/∂w‖ of weight i, mean over batches. */
export function gradientOn(looks: readonly Tensors[], i: number): number {
  return average(looks.map((outputs) => Math.sqrt(scalarOf(outputs, `gradient:${i}`))));
}

/** The running statistics of a norm. */
export function runningOf(
  state: State,
  { runningMean, runningVariance }: Pick<NormPlace, 'runningMean' | 'runningVariance'>,
): MeasuredNorm['running'] {
  return { mean: numbersOf(state, runningMean), variance: numbersOf(state, runningVariance) };
}

/** What a state holds under a name. */
export function numbersOf(state: State, name: string): Float32Array | Float64Array {
  return need(state.get(name), `'${name}' in the state`) as Float32Array;
}

function meanVector(vectors: readonly ArrayLike<number | bigint>[]): Float64Array {
  const sum = new Float64Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + Number(vector[i]);
  return sum.map((value) => value / vectors.length);
}
