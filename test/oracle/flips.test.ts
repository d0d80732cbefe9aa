/**
 * @file Why float32 gradients of networks with ReLU jump, by any lowering: where the input of a ReLU lies within rounding
 * of 0, another computation decides the other way. With a smooth activation, or with the decisions prescribed, the error
 * is that of rounding. The yardstick is the reference lowering in float64, which gradients.test.ts holds to PyTorch.
 */

import { beforeAll, describe, expect, it } from 'vitest';
import { elementCount } from '../../src/graph/tensor-type.ts';
import { relativeError } from '../../src/math/relative-error.ts';
import { blockSize } from '../../src/runtime/lowering-choice.ts';
import type { ActivationName } from '../../src/nn/activations.ts';
import { defaultModelSettings } from '../../src/models/model.ts';
import { countFlips, type DecidedGradients, openNetwork } from './decisions.ts';
import { JITTER, type Protocol, startingState } from './inputs.ts';
import { allPrecisions, type Precision } from './precisions.ts';

const seeds = [0, 1, 2, 3];
const [exact, ...every] = allPrecisions as [Precision, ...Precision[]];
/** In blocks one form of convolution is enough: three quarters of the layers have the same one in all. */
const rounded = every.filter(
  ({ settings }) => blockSize(settings.lowering) === undefined || settings.convolution === 'winograd4',
);
/** The input of its first ReLU, [N, C, H, W], is shifted by beta. */
const [firstRelu, firstBeta] = ['Relu', 'conv1/norm/beta'];

/** ResNet-20 at its full width: 19 activations of 47 thousand elements per image in all. */
function resnet(activation: ActivationName): Omit<Protocol, 'seed'> {
  const { norm, placement, normalised } = defaultModelSettings;
  const settings = { model: 'resnet20', norm, placement, normalised, activation, initialiser: 'he', width: 1 } as const;
  return { settings: { ...settings, classes: 10 }, images: [6, 3, 16, 16] };
}

/** The largest error among the parameters, each relative to the largest entry of its gradient. */
function errorOf(actual: DecidedGradients, expected: DecidedGradients): number {
  const errors = [...expected.gradients].map(([name, data]) => relativeError(actual.gradients.get(name), data));
  return Math.max(...errors);
}

interface Case {
  readonly seed: number;
  readonly state: ReturnType<typeof startingState>;
  readonly expected: DecidedGradients;
}

describe('gradients of ResNet-20 with softplus', () => {
  let cases: readonly Case[];
  beforeAll(async () => {
    cases = await computed('softplus', () => undefined);
  });

  it.each(rounded)('err by rounding alone, $label', async (precision) => {
    const network = await openNetwork(resnet('softplus'), precision);
    for (const { seed, state, expected } of cases) {
      expect(errorOf(await network.gradients(seed, state), expected), `seed ${seed}`).toBeLessThan(precision.gradients);
    }
    await network.close();
  });
});

describe('gradients of ResNet-20 with ReLU, of which 16 elements are given 0 but for rounding', () => {
  let cases: readonly Case[];
  beforeAll(async () => {
    cases = await computed('relu', shiftToEdge);
  });

  it.each(rounded)('jump where elements are decided differently, $label', async (precision) => {
    const network = await openNetwork(resnet('relu'), precision);
    for (const { seed, state, expected } of cases) {
      const actual = await network.gradients(seed, state);
      // Each of the 16 flips with probability about 1/2; none of all others need.
      expect(countFlips(actual, expected), `seed ${seed}`).toBeGreaterThan(0);
      expect(errorOf(actual, expected), `seed ${seed}`).toBeGreaterThan(1e-3);
    }
    await network.close();
  });

  it.each(rounded)('err by rounding alone where they are decided as float64 does, $label', async (precision) => {
    const network = await openNetwork(resnet('relu'), precision, 'prescribed');
    for (const { seed, state, expected } of cases) {
      const actual = await network.gradients(seed, state, expected.given);
      expect(errorOf(actual, expected), `seed ${seed}`).toBeLessThan(precision.gradients);
    }
    await network.close();
  });
});

/** What float64 makes of each seed, from an initial state that may be moved by what it gives to the ReLUs. */
async function computed(
  activation: ActivationName,
  move: (state: Case['state'], found: DecidedGradients) => void,
): Promise<readonly Case[]> {
  const network = await openNetwork(resnet(activation), exact);
  const cases: Case[] = [];
  for (const seed of seeds) {
    const state = startingState(network.graph, seed, JITTER);
    move(state, await network.gradients(seed, state));
    cases.push({ seed, state, expected: await network.gradients(seed, state) });
  }
  await network.close();
  return cases;
}

/** Moves each beta of the first norm so far that the element of its channel that lies nearest to 0 comes to lie there. */
function shiftToEdge(state: Case['state'], { given }: DecidedGradients): void {
  const [x, beta] = [given.get(firstRelu) ?? [], state.get(firstBeta) as Float64Array];
  const [images, , ...pixels] = resnet('relu').images;
  const perChannel = elementCount(pixels);
  beta.forEach((old, channel) => {
    let nearest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < images * perChannel; i++) {
      const [image, pixel] = [Math.floor(i / perChannel), i % perChannel];
      const value = x[(image * beta.length + channel) * perChannel + pixel] ?? Number.NaN;
      if (Math.abs(value) < Math.abs(nearest)) nearest = value;
    }
    beta[channel] = Math.fround(old - nearest);
  });
}
