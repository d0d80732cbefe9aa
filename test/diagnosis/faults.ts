/** @file Faults to seed in a healthy network, each with what a diagnosis must say of it. */

import { need } from '../../src/errors.ts';
import type { Scaling } from '../../src/data/scalings.ts';
import type { Instruments } from '../../src/diagnosis/instruments.ts';
import { normsOf } from '../../src/diagnosis/measure.ts';
import type { NormPlace } from '../../src/diagnosis/norm-places.ts';
import type { State } from '../../src/diagnosis/subject.ts';
import { createStream } from '../../src/math/random.ts';

/** A network as it is found. */
export interface Faulted {
  readonly state: State;
  /** Default the right one. */
  readonly scaling?: string;
  /** Default the usual one. */
  readonly batchSize?: number;
  readonly rate?: number;
}

export interface Fault {
  readonly name: string;
  /** Rules of which one must report a problem. */
  readonly rules: readonly string[];
  /** Whether the problem must bear the layer's name, and the sentence as well. */
  readonly isOfOneLayer?: boolean;
  /** Whether a counterfactual mends it. */
  readonly isProved?: boolean;
  /** Whether it can be seeded at a norm alone whose result a ReLU takes. */
  readonly needsRelu?: boolean;
  /** Whether it is of how pixels are scaled. */
  readonly isOfPixels?: boolean;
  readonly seed: (healthy: State, layer: NormPlace, instruments: Instruments) => Faulted | Promise<Faulted>;
}

/** Each number of a tensor by its own function of the old. */
function changed(state: State, name: string, change: (value: number, index: number) => number): State {
  const before = need(state.get(name), name) as Float32Array;
  return new Map([...state, [name, before.map(change)]]);
}

/** The state with running statistics of its own population: what training on would have made of them. */
async function settled(instruments: Instruments, state: State): Promise<State> {
  await instruments.write(state);
  const norms = normsOf(instruments, await instruments.takeLooks(), state);
  return new Map([
    ...state,
    ...norms.flatMap(({ place, population }) => [
      [place.runningMean, Float32Array.from(population.mean)] as const,
      [place.runningVariance, Float32Array.from(population.variance)] as const,
    ]),
  ]);
}

const isOdd = (_: number, i: number): boolean => i % 2 === 1;

export const faults: readonly Fault[] = [
  {
    name: 'NaN in running means',
    rules: ['poisoned-statistics'],
    isOfOneLayer: true,
    isProved: true,
    seed: (healthy, { runningMean }) => ({
      state: changed(healthy, runningMean, (m, i) => (i === 1 ? Number.NaN : m)),
    }),
  },
  {
    name: 'negative running variance',
    rules: ['poisoned-statistics'],
    isOfOneLayer: true,
    isProved: true,
    seed: (healthy, { runningVariance }) => ({
      state: changed(healthy, runningVariance, (v, i) => (i === 0 ? -v : v)),
    }),
  },
  {
    name: 'statistics never updated',
    isProved: true,
    rules: ['never-updated'],
    seed: (healthy, _, { norms }) => ({
      state: norms.reduce(
        (state, { runningMean, runningVariance }) =>
          changed(
            changed(state, runningMean, () => 0),
            runningVariance,
            () => 1,
          ),
        healthy,
      ),
    }),
  },
  {
    name: 'statistics stale throughout',
    isProved: true,
    rules: ['train-eval-gap', 'stale-mean', 'stale-variance'],
    seed: (healthy, _, { norms }) => ({
      state: norms.reduce((state, { runningMean, runningVariance, channels }) => {
        const draws = new Float64Array(2 * channels);
        createStream({ seed: 9, purpose: 'noise', layer: runningMean }).fillNormal(draws, 0, 1);
        const variance = need(healthy.get(runningVariance), runningVariance) as Float32Array;
        const shifted = changed(
          state,
          runningMean,
          (m, i) => m + 2 * (draws[i] as number) * Math.sqrt(variance[i] as number),
        );
        return changed(shifted, runningVariance, (v, i) => v * Math.exp(2 * (draws[channels + i] as number)));
      }, healthy),
    }),
  },
  {
    name: 'one layer’s variances × 16',
    rules: ['stale-variance'],
    isOfOneLayer: true,
    isProved: true,
    seed: (healthy, { runningVariance }) => ({ state: changed(healthy, runningVariance, (v) => 16 * v) }),
  },
  {
    name: 'one layer’s variances ÷ 16',
    rules: ['stale-variance'],
    isOfOneLayer: true,
    isProved: true,
    seed: (healthy, { runningVariance }) => ({ state: changed(healthy, runningVariance, (v) => v / 16) }),
  },
  {
    name: 'one layer’s means moved by 2 deviations',
    rules: ['stale-mean'],
    isOfOneLayer: true,
    isProved: true,
    seed: (healthy, { runningMean, runningVariance }) => {
      const variance = need(healthy.get(runningVariance), runningVariance) as Float32Array;
      return { state: changed(healthy, runningMean, (m, i) => m + 2 * Math.sqrt(variance[i] as number)) };
    },
  },
  {
    name: 'half of one layer’s gammas 0',
    rules: ['dead-gamma'],
    isOfOneLayer: true,
    seed: async (healthy, { gamma }, instruments) => ({
      state: await settled(
        instruments,
        changed(healthy, need(gamma, 'a gamma'), (value, i) => (isOdd(value, i) ? 0 : value)),
      ),
    }),
  },
  {
    name: 'most of one layer’s ReLUs dead',
    rules: ['dead-relu'],
    isOfOneLayer: true,
    needsRelu: true,
    seed: async (healthy, { beta }, instruments) => ({
      state: await settled(
        instruments,
        changed(healthy, need(beta, 'a beta'), (value, i) => (i % 4 === 0 ? value : value - 50)),
      ),
    }),
  },
  {
    name: 'one layer’s weights × 1000',
    rules: ['gradient-spread', 'activation-growth'],
    isOfOneLayer: true,
    seed: (healthy, { layer, runningMean, runningVariance }, { look }) => {
      const weight = need(
        look.weights.find((about) => about.layer === layer),
        'a weight',
      );
      const scaled = changed(
        changed(healthy, weight.name, (w) => 1000 * w),
        runningMean,
        (m) => 1000 * m,
      );
      return { state: changed(scaled, runningVariance, (v) => 1e6 * v) };
    },
  },
  {
    name: 'batches of 2',
    rules: ['small-batch', 'batch-noise'],
    seed: (healthy) => ({ state: healthy, batchSize: 2 }),
  },
  {
    name: 'pixels from 0 to 255',
    isProved: true,
    rules: ['preprocessing'],
    isOfPixels: true,
    seed: (healthy) => ({ state: healthy, scaling: '0..255' }),
  },
  {
    name: 'pixels inverted',
    isProved: true,
    rules: ['preprocessing'],
    isOfPixels: true,
    seed: (healthy) => ({ state: healthy, scaling: 'mnist-inverted' }),
  },
  {
    name: 'a learning rate of 1000',
    isProved: true,
    rules: ['rate-ceiling'],
    seed: (healthy) => ({ state: healthy, rate: 1000 }),
  },
];

/** The right scaling of an examples' kind, and others by name. */
export function scalingNamed(scalings: readonly Scaling[], name: string): Scaling {
  return need(
    scalings.find((scaling) => scaling.name === name),
    `a scaling '${name}'`,
  );
}
