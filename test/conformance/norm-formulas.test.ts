import { describe, expect, it } from 'vitest';
import type { GraphInput } from '../../src/graph/graph.ts';
import type { Shape } from '../../src/graph/tensor-type.ts';
import type { Mode } from '../../src/nn/network.ts';
import { filterResponse } from '../../src/norms/filter-response.ts';
import { type NormName, norms } from '../../src/norms/index.ts';
import { noiseSizes } from '../../src/norms/noise.ts';
import { noisyBatch } from '../../src/norms/noisy-batch.ts';
import type { Norm, NormSettings } from '../../src/norms/norm.ts';
import { activationVariance } from '../../src/norms/weight-standardised.ts';
import { maxDifference } from '../../src/testing/difference.ts';
import { openProgram } from '../../src/testing/evaluate.ts';
import { type Formula, formulas, type Given, mean, renormCorrection, variance } from './norm-formulas.ts';
import { buildLayer, compute, type Feeds, forShapes, positive, randomImages, testSettings } from './norm-checks.ts';

/** Both sides compute in float64, with values of order one and sums of at most a hundred terms: they differ by some 1e-14. */
const TOLERANCE = 1e-12;

/** An epsilon and a momentum that show where they stand, and limits within the range of {@link runningStatistics}. */
const settings: NormSettings = {
  ...testSettings,
  epsilon: 0.1,
  momentum: 0.3,
  renormScaleLimit: 1.5,
  renormShiftLimit: 0.4,
};

/** Some ghost batches in every shape. */
const settingsFor = ([N]: Shape): NormSettings => ({ ...settings, ghostSize: N === 9 ? 3 : 1 });

/** One per channel, so far from the batch's on both sides that batch renormalisation cuts some and leaves others. */
const runningStatistics: Feeds = {
  'layer/runningMean': Float64Array.of(-3, -1, 0.3, 0.5, 1, 4),
  'layer/runningVariance': Float64Array.of(0.2, 1, 2, 3, 8, 16),
};

/** The norm followed by the activation that it brings. */
function withActivation(norm: Norm): Norm {
  const { activation } = norm;
  if (activation === undefined) return norm;
  return {
    ...norm,
    build: (network, name, x, given) => activation(network, name, norm.build(network, name, x, given)),
  };
}

function givenBy(feeds: Feeds, shape: Shape, mode: Mode): Given {
  const [N = 0, C = 0, H = 1, W = 1] = shape;
  const input = (name: string, i: number): number =>
    (feeds[`layer/${name}`] ?? feeds[`linear/${name}`])?.[i] ?? Number.NaN;
  const x = (n: number, c: number, p: number): number => feeds['x']?.[(n * C + c) * H * W + p] ?? Number.NaN;
  return { N, C, H, W, mode, settings: settingsFor(shape), x, input };
}

/** Everything that a layer should compute, by the names of its outputs. */
function expected(given: Given, formula: Formula): Record<string, readonly number[]> {
  const { N, C, H, W, mode } = given;
  const { y, next = {} } = formula(given);
  const values: number[] = [];
  for (let n = 0; n < N; n++) for (let c = 0; c < C; c++) for (let p = 0; p < H * W; p++) values.push(y(n, c, p));
  const written = mode === 'train' ? Object.entries(next) : [];
  const channels = Array.from({ length: C }, (_, c) => c);
  return { y: values, ...Object.fromEntries(written.map(([name, of]) => [`layer/${name}`, channels.map(of)])) };
}

const modes = ['train', 'frozen', 'eval'] as const;
const cases = Object.entries(formulas).flatMap(([name, formula]) =>
  modes.map((mode) => ({ name: name as NormName, mode, formula })),
);

describe('norms in plain loops', () => {
  it.each(cases)('$name in mode $mode', async ({ name, mode, formula }) => {
    const norm = withActivation(norms[name]);
    const faults = await forShapes(norm, async (shape) => {
      const layer = buildLayer(norm, mode, shape, settingsFor(shape));
      const feeds: Feeds = { ...positive(layer), x: randomImages(shape), ...runningStatistics };
      const actual = await compute(layer, feeds);
      const wanted = expected(givenBy(feeds, shape, mode), formula);
      expect(Object.keys(actual).sort()).toEqual(Object.keys(wanted).sort());
      return Object.entries(wanted).flatMap(([output, values]) => {
        const error = maxDifference(actual[output], values);
        return error < TOLERANCE ? [] : [`${output} is off by ${error}`];
      });
    });
    expect(faults).toEqual([]);
  });

  it('sees batch renormalisation cut r and d at either end, and leave them', async () => {
    await forShapes(norms['batch-renorm'], async (shape) => {
      const given = givenBy({ x: randomImages(shape), ...runningStatistics }, shape, 'train');
      const corrections = Array.from({ length: given.C }, (_, c) => renormCorrection(given, c));
      const { renormScaleLimit, renormShiftLimit } = settings;
      const side = (value: number, limit: number): number => (Math.abs(value) > limit ? Math.sign(value) : 0);
      const scaled = corrections.map(({ ratio }) => side(Math.log(ratio), Math.log(renormScaleLimit)));
      const shifted = corrections.map(({ distance }) => side(distance, renormShiftLimit));
      expect([new Set(scaled), new Set(shifted)]).toEqual([new Set([-1, 0, 1]), new Set([-1, 0, 1])]);
      return [];
    });
  });

  it('sees the thresholded linear unit of filter response norm cut some values, and leave others', async () => {
    const shape = [3, 6, 5, 2];
    const layer = buildLayer(withActivation(filterResponse), 'train', shape, settings);
    const feeds: Feeds = { ...positive(layer), x: randomImages(shape) };
    const { y } = await compute(layer, feeds);
    const tau = feeds['layer/tau'] ?? new Float64Array();
    const cut = [...(y ?? [])].filter((value, i) => Math.abs(value - (tau[Math.floor(i / 10) % 6] ?? 0)) < TOLERANCE);
    expect(cut.length).toBeGreaterThan(20);
    expect(cut.length).toBeLessThan(160);
  });
});

describe('activationVariance', () => {
  const activations: Readonly<Record<keyof typeof activationVariance, (z: number) => number>> = {
    relu: (z) => Math.max(z, 0),
    sigmoid: (z) => 1 / (1 + Math.exp(-z)),
    tanh: Math.tanh,
    softplus: (z) => Math.log1p(Math.exp(z)),
    identity: (z) => z,
  };

  /** Trapezia of width h on [−12, 12], outside of which 1e-30 of the mass lies. The kink of ReLU costs h²/30 = 3e-10. */
  it.each(Object.entries(activations))('of %s is what quadrature gives', (name, f) => {
    const STEPS = 240_000;
    let [first, second] = [0, 0];
    for (let i = 0; i <= STEPS; i++) {
      const z = -12 + (24 * i) / STEPS;
      const density = Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI);
      const share = (density * 24) / STEPS / (i === 0 || i === STEPS ? 2 : 1);
      first += share * f(z);
      second += share * f(z) ** 2;
    }
    expect(Math.abs(activationVariance[name as keyof typeof activations] - (second - first ** 2))).toBeLessThan(1e-9);
  });
});

describe('the noise of noisy batch norm', () => {
  it('is s ~ N(sigma, 0.1²) and m ~ U(mu − 0.1, mu + 0.1), sigma ~ U(1, 1.25) and mu ~ U(−0.5, 0.5) per channel', () => {
    const { graph } = buildLayer(noisyBatch, 'train', [3, 6, 5, 2]);
    const random = graph.inputs.filter(({ role }) => role.kind === 'random');
    expect(random.map(({ value, role }) => [value.name, value.shape, role])).toEqual([
      ['layer/noise/scale', [5, 2, 3, 6], expect.objectContaining({ distribution: 'normal', width: 0.1 })],
      ['layer/noise/shift', [5, 2, 3, 6], expect.objectContaining({ distribution: 'uniform', width: 0.2 })],
    ]);
    // A uniform number in [0, 1) stands at its lower end where it is in the middle of ±0.1.
    expect(random.map(({ role }) => role.kind === 'random' && role.centres)).toEqual([
      { low: 1, high: 1.25 },
      { low: -0.6, high: 0.4 },
    ]);
  });

  /**
   * Fed ±1, each channel of y has mean mu and variance sigma² once the jitter per value is off. Differences between one
   * step and the next, over 500 channels and 20 pairs of steps of their own, are 10 000 independent draws.
   */
  it('moves mean and variance between steps by 1/3 and 3/16 on average', async () => {
    const [CHANNELS, PAIRS] = [500, 20];
    const { graph } = buildLayer(noisyBatch, 'frozen', [2, CHANNELS], { epsilon: 0 });
    const still: Feeds = {
      x: new Float64Array(2 * CHANNELS).fill(1).fill(-1, CHANNELS),
      'layer/gamma': new Float64Array(CHANNELS).fill(1),
      'layer/beta': new Float64Array(CHANNELS),
    };
    const inputs = graph.inputs.map(({ value, role }): GraphInput => {
      if (role.kind !== 'random') return { value, role: { kind: 'data' } };
      // The uniform number stands at the lower end of its interval: half of that is the centre.
      const shift = role.distribution === 'uniform' ? noiseSizes.meanJitter : 0;
      const { low, high } = role.centres ?? { low: Number.NaN, high: Number.NaN };
      return { value, role: { ...role, width: 0, centres: { low: low + shift, high: high + shift } } };
    });
    const program = await openProgram({ ...graph, inputs });
    const moments = async (step: number): Promise<readonly (readonly [mu: number, square: number])[]> => {
      const { y } = (await program.run(still, { seed: 7, step })) as Feeds;
      return Array.from({ length: CHANNELS }, (_, c) => {
        const [a, b] = [y?.[c] ?? Number.NaN, y?.[CHANNELS + c] ?? Number.NaN];
        return [(a + b) / 2, ((a - b) / 2) ** 2];
      });
    };
    const [means, variances]: [number[], number[]] = [[], []];
    for (let pair = 0; pair < PAIRS; pair++) {
      const [before, after] = [await moments(2 * pair), await moments(2 * pair + 1)];
      before.forEach(([mu, square], c) => {
        means.push(Math.abs(mu - (after[c]?.[0] ?? Number.NaN)));
        variances.push(Math.abs(square - (after[c]?.[1] ?? Number.NaN)));
      });
    }
    await program.close();
    // Of u, u' ~ U(0, 1): E|u − u'| = 1/3, which is uncorrelated with u + u', of mean 1.
    const { meanLimit, scaleLimit } = noiseSizes;
    expect((2 * meanLimit) / 3).toBeCloseTo(1 / 3, 12);
    expect(((scaleLimit - 1) * (1 + scaleLimit)) / 3).toBeCloseTo(3 / 16, 12);
    for (const [sample, theory, standardError] of [
      // √(Var|difference| / 10 000): Var is 1/18 for the means, and 0.0176 for the variances.
      [means, 1 / 3, 2.4e-3],
      [variances, 3 / 16, 1.4e-3],
    ] as const) {
      expect(sample).toHaveLength(CHANNELS * PAIRS);
      expect(Math.sqrt(variance(sample) / sample.length)).toBeLessThan(standardError);
      expect(Math.abs(mean(sample) - theory)).toBeLessThan(4 * standardError);
    }
  });
});
