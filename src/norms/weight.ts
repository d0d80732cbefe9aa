import { add, alongChannels, div, mul, reduceSum, reshape } from '../graph/arithmetic.ts';
import type { Value } from '../graph/graph.ts';
import { sizeAt } from '../graph/tensor-type.ts';
import type { Network } from '../nn/network.ts';
import { parameter } from './affine.ts';
import { batch } from './batch.ts';
import type { Norm, NormSettings, WeightResult } from './norm.ts';
import { centre, standardise, viewByPools } from './pools.ts';
import { alongUnits, fanInAxes } from './weights.ts';

/**
 * Weight normalisation (salimans2016, eq. 2): each output unit's weight is gamma v/‖v‖, beta its bias. Before the first
 * step gamma and beta are set from a batch so that the unit's output has mean 0 and (biased) variance 1 there (eq. 5, 6).
 * Differs: PyTorch starts gamma at ‖v‖ and sees no batch.
 */
export const weight: Norm = {
  title: 'weight normalisation',
  formula: 'y = gamma (v · x) / ‖v‖ + beta, per output unit; gamma and beta start from the moments of a first batch',
  paper: 'salimans2016',
  invariances: ['weightScale', 'unitScale'],
  pools: undefined,
  leastPooled: 1,
  shift: ({ beta }) => (beta ? 'norm' : 'linear'),
  build: (_network, _name, x) => x,
  weight: (network, name, normed, settings) =>
    network.g.inScope(name, () => {
      const { g } = network;
      const { value: v, outputAxis } = normed;
      const units = [sizeAt(v.shape, outputAxis)];
      const gamma = settings.gamma ? parameter(network, 'gamma', units, 1) : undefined;
      const beta = settings.beta ? parameter(network, 'beta', units, 0) : undefined;
      const length = g.emit('Sqrt', [reduceSum(g, mul(g, v, v), fanInAxes(normed), true)]);
      network.divisors.set(name, {
        value: length,
        what: 'the length of the weight of each unit',
        repair: 'take a smaller learning rate or weight decay',
      });
      const direction = div(g, v, length);
      if (network.mode === 'first') return firstBatch(network, name, direction, { gamma, beta }, settings);
      return {
        weight: gamma === undefined ? direction : mul(g, direction, alongUnits(g, gamma, normed)),
        output: (y) => (beta === undefined ? y : add(g, y, alongChannels(g, beta, y.shape.length))),
      };
    }),
};

/** The output t = v · x/‖v‖ normalised by its own moments, and gamma and beta set to what does that. */
function firstBatch(
  network: Network,
  name: string,
  direction: Value,
  { gamma, beta }: { readonly gamma: Value | undefined; readonly beta: Value | undefined },
  settings: NormSettings,
): WeightResult {
  const { g, updates } = network;
  return {
    weight: direction,
    output: (t) => {
      const view = viewByPools(network, name, t, { ...batch, title: weight.title }, settings);
      const { mean, variance, normalised } = standardise(g, view, settings.epsilon);
      const inverse = div(g, 1, g.emit('Sqrt', [add(g, variance, settings.epsilon)]));
      const scale = gamma === undefined ? g.constant(1) : inverse;
      if (gamma !== undefined) updates.push({ state: gamma, next: reshape(g, inverse, gamma.shape) });
      if (beta !== undefined) {
        updates.push({ state: beta, next: reshape(g, g.emit('Neg', [mul(g, mean, scale)]), beta.shape) });
      }
      if (gamma !== undefined && beta !== undefined) return normalised;
      const centred = beta === undefined ? t : centre(g, t, view.axes).centred;
      return mul(g, centred, scale);
    },
  };
}
