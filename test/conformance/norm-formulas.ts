/**
 * @file Norms as plain loops over plain arrays, written from their formulas and sharing no code with src/norms: for those
 * that no other library has.
 */

import type { Mode } from '../../src/nn/network.ts';
import type { NormName } from '../../src/norms/index.ts';
import type { NormSettings } from '../../src/norms/norm.ts';

/** What a formula is given: x as a function of example, channel and pixel, and the other inputs by the names of a layer. */
export interface Given {
  readonly N: number;
  readonly C: number;
  /** Height and width; 1 for features. */
  readonly H: number;
  readonly W: number;
  readonly mode: Mode;
  readonly settings: NormSettings;
  readonly x: (n: number, c: number, p: number) => number;
  readonly input: (name: string, i: number) => number;
}

/** y, and the next state by its name in mode train. */
interface Results {
  readonly y: (n: number, c: number, p: number) => number;
  readonly next?: Readonly<Record<string, (c: number) => number>>;
}

export type Formula = (given: Given) => Results;

export function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Biased. */
export function variance(values: readonly number[]): number {
  const centre = mean(values);
  return mean(values.map((value) => (value - centre) ** 2));
}

const meanSquare = (values: readonly number[]): number => mean(values.map((value) => value ** 2));

/** The values of examples from ≤ n < to in channels first ≤ c < last. */
function pool({ H, W, x }: Given, [from, to]: readonly number[], [first, last]: readonly number[]): readonly number[] {
  const values: number[] = [];
  for (let n = from ?? 0; n < (to ?? 0); n++) {
    for (let c = first ?? 0; c < (last ?? 0); c++) for (let p = 0; p < H * W; p++) values.push(x(n, c, p));
  }
  return values;
}

const ofChannel = (given: Given, c: number): readonly number[] => pool(given, [0, given.N], [c, c + 1]);
const affine = ({ input }: Given, c: number, value: number): number => input('gamma', c) * value + input('beta', c);
const blend = ({ input, settings: { momentum } }: Given, name: string, c: number, fresh: number): number =>
  (1 - momentum) * input(name, c) + momentum * fresh;
const unbiased = (values: readonly number[]): number => (variance(values) * values.length) / (values.length - 1);

/** y = gamma (x − runningMean) / √(runningVariance + epsilon) + beta. */
const byRunning = (given: Given): Results['y'] => {
  const {
    x,
    input,
    settings: { epsilon },
  } = given;
  return (n, c, p) =>
    affine(given, c, (x(n, c, p) - input('runningMean', c)) / Math.sqrt(input('runningVariance', c) + epsilon));
};

/** y = gamma (x − mean) / scale + beta. */
const lp =
  (scaleOf: (values: readonly number[], epsilon: number, examples: number) => number): Formula =>
  (given) => {
    const {
      x,
      input,
      mode,
      settings: { epsilon },
    } = given;
    const batchMean = (c: number): number => mean(ofChannel(given, c));
    const batchScale = (c: number): number => scaleOf(ofChannel(given, c), epsilon, given.N);
    const evaluates = mode === 'eval';
    return {
      y: (n, c, p) => {
        const centre = evaluates ? input('runningMean', c) : batchMean(c);
        const scale = evaluates ? input('runningScale', c) : batchScale(c);
        return affine(given, c, (x(n, c, p) - centre) / scale);
      },
      next: {
        runningMean: (c) => blend(given, 'runningMean', c, batchMean(c)),
        runningScale: (c) => blend(given, 'runningScale', c, batchScale(c)),
      },
    };
  };

/** Batch norm over runs of `size` examples; running statistics are averages over the runs. */
function byRuns(given: Given, size: number): Results {
  const {
    N,
    x,
    mode,
    settings: { epsilon },
  } = given;
  const run = (n: number, c: number): readonly number[] => {
    const from = n - (n % size);
    return pool(given, [from, from + size], [c, c + 1]);
  };
  const average = (c: number, statistic: (values: readonly number[]) => number): number => {
    const found: number[] = [];
    for (let n = 0; n < N; n += size) found.push(statistic(run(n, c)));
    return mean(found);
  };
  const training: Results['y'] = (n, c, p) => {
    const values = run(n, c);
    return affine(given, c, (x(n, c, p) - mean(values)) / Math.sqrt(variance(values) + epsilon));
  };
  return {
    y: mode === 'eval' ? byRunning(given) : training,
    next: {
      runningMean: (c) => blend(given, 'runningMean', c, average(c, mean)),
      runningVariance: (c) => blend(given, 'runningVariance', c, average(c, unbiased)),
    },
  };
}

/** r and d of batch renormalisation before they are cut. */
export function renormCorrection(given: Given, c: number): { readonly ratio: number; readonly distance: number } {
  const {
    input,
    settings: { epsilon },
  } = given;
  const running = Math.sqrt(input('runningVariance', c) + epsilon);
  const values = ofChannel(given, c);
  return {
    ratio: Math.sqrt(variance(values) + epsilon) / running,
    distance: (mean(values) - input('runningMean', c)) / running,
  };
}

const clip = (value: number, low: number, high: number): number => (value < low ? low : value > high ? high : value);

const renorm: Formula = (given) => {
  const {
    N,
    x,
    mode,
    settings: { epsilon, renormScaleLimit, renormShiftLimit },
  } = given;
  const training: Results['y'] = (n, c, p) => {
    const values = ofChannel(given, c);
    const { ratio, distance } = renormCorrection(given, c);
    const r = clip(ratio, 1 / renormScaleLimit, renormScaleLimit);
    const d = clip(distance, -renormShiftLimit, renormShiftLimit);
    return affine(given, c, ((x(n, c, p) - mean(values)) / Math.sqrt(variance(values) + epsilon)) * r + d);
  };
  return { ...byRuns(given, N), y: mode === 'eval' ? byRunning(given) : training };
};

/** A result, then s · y + m from numbers s and m as they are fed, channels last; evaluation is without. */
const noisy = ({ N, C, input, mode }: Given, plain: Results): Results => {
  const training: Results['y'] = (n, c, p) => {
    const place = (p * N + n) * C + c;
    return input('noise/scale', place) * plain.y(n, c, p) + input('noise/shift', place);
  };
  return { ...plain, y: mode === 'eval' ? plain.y : training };
};

/** Units' weights, [inputs, units] of features and [units, inputs, 3, 3] of images, each centred and scaled, for ReLU. */
const standardisedWeight: Formula = (given) => {
  const {
    C,
    H,
    W,
    x,
    input,
    settings: { epsilon },
  } = given;
  const taps = H * W > 1 ? 9 : 1;
  const weight = (unit: number, c: number, tap: number): number =>
    input('weight', taps === 1 ? c * C + unit : (unit * C + c) * 9 + tap);
  const gain = 1 / Math.sqrt(0.5 - 0.5 / Math.PI);
  return {
    y: (n, unit, p) => {
      const weights: number[] = [];
      for (let c = 0; c < C; c++) for (let tap = 0; tap < taps; tap++) weights.push(weight(unit, c, tap));
      const scale = (input('gamma', unit) * gain) / Math.sqrt(weights.length * variance(weights) + epsilon);
      const centre = mean(weights);
      let sum = 0;
      for (let c = 0; c < C; c++) {
        for (let tap = 0; tap < taps; tap++) {
          const row = Math.floor(p / W) + (taps === 1 ? 0 : Math.floor(tap / 3) - 1);
          const column = (p % W) + (taps === 1 ? 0 : (tap % 3) - 1);
          if (row < 0 || row >= H || column < 0 || column >= W) continue;
          sum += (weight(unit, c, tap) - centre) * scale * x(n, c, row * W + column);
        }
      }
      return sum;
    },
  };
};

export const formulas: Readonly<Partial<Record<NormName, Formula>>> = {
  'batch-l1': lp((values, epsilon) => mean(values.map(Math.abs)) + epsilon),
  'batch-l2': lp((values, epsilon) => Math.sqrt(meanSquare(values) + epsilon)),
  'batch-linf': lp((values, epsilon) => Math.max(...values.map(Math.abs)) + epsilon),
  'batch-linf-mean': lp((values, epsilon, examples) => {
    const pixels = values.length / examples;
    const largest: number[] = Array(pixels).fill(0);
    values.forEach((value, i) => {
      largest[i % pixels] = Math.max(largest[i % pixels] ?? 0, Math.abs(value));
    });
    return mean(largest) + epsilon;
  }),
  'ghost-batch': (given) => byRuns(given, given.settings.ghostSize),
  'batch-renorm': renorm,
  'noisy-batch': (given) => noisy(given, byRuns(given, given.N)),
  noise: (given) => noisy(given, { y: given.x }),
  'filter-response': (given) => ({
    y: (n, c, p) => {
      const size = Math.sqrt(meanSquare(pool(given, [n, n + 1], [c, c + 1])) + given.settings.epsilon);
      return Math.max(affine(given, c, given.x(n, c, p) / size), given.input('tau', c));
    },
  }),
  dyt: (given) => ({ y: (n, c, p) => affine(given, c, Math.tanh(given.input('alpha', 0) * given.x(n, c, p))) }),
  rms: (given) => ({
    y: (n, c, p) =>
      (given.input('gamma', c) * given.x(n, c, p)) /
      Math.sqrt(meanSquare(pool(given, [n, n + 1], [0, given.C])) + given.settings.epsilon),
  }),
  'weight-standardised': standardisedWeight,
};
