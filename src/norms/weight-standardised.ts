import { SettingError } from '../errors.ts';
import { add, div, mul, reduceMean } from '../graph/arithmetic.ts';
import { sizeAt } from '../graph/tensor-type.ts';
import type { ActivationName } from '../nn/activations.ts';
import { gammaParameter } from './affine.ts';
import type { Norm } from './norm.ts';
import { centre } from './pools.ts';
import { alongUnits, fanIn, fanInAxes } from './weights.ts';

/** Var f(z), z ~ N(0, 1): 1/√ of it is the gain that keeps the variance of a layer's output; (π − 1)/2π for ReLU. */
export const activationVariance: Readonly<Record<ActivationName, number>> = {
  relu: (Math.PI - 1) / (2 * Math.PI),
  sigmoid: 0.043379035866,
  tanh: 0.394294490413,
  softplus: 0.271514501815,
  identity: 1,
};

/**
 * Scaled weight standardisation (brock2021, eq. 1): each output unit's weight, centred and brought to variance gain²/fanIn
 * (biased), gain = 1/√Var f(z) of the activation f that follows. gamma is learnt per unit.
 * Differs: epsilon is added to fanIn · variance, where the paper's code takes the larger of the two.
 */
export const weightStandardised: Norm = {
  title: 'scaled weight standardisation',
  formula: 'y = x · gamma · gain (v − mean) / √(fanIn · variance + epsilon), per output unit, biased variance',
  paper: 'brock2021',
  invariances: ['weightScale', 'unitScale', 'unitShift'],
  pools: undefined,
  leastPooled: 1,
  shift: () => 'linear',
  build: (_network, _name, x) => x,
  weight: (network, name, normed, settings) =>
    network.g.inScope(name, () => {
      const { g } = network;
      const { value: v, outputAxis, activation } = normed;
      const inputs = fanIn(normed);
      if (inputs < 2) {
        throw new SettingError(
          `Scaled weight standardisation needs at least 2 inputs per unit, but layer '${name}' has [${v.shape.join(',')}], ` +
            `which gives it ${inputs}; use norm spectral, or a wider network`,
        );
      }
      const axes = fanInAxes(normed);
      const { centred } = centre(g, v, axes);
      const variance = reduceMean(g, mul(g, centred, centred), axes, true);
      if (settings.epsilon === 0) {
        const what = 'the spread of the weight of each unit';
        network.divisors.set(name, { value: variance, what, repair: 'set an epsilon above 0' });
      }
      const deviation = g.emit('Sqrt', [add(g, mul(g, variance, inputs), settings.epsilon)]);
      const standardised = mul(g, div(g, centred, deviation), 1 / Math.sqrt(activationVariance[activation]));
      if (!settings.gamma) return { weight: standardised };
      const gamma = gammaParameter(network, [sizeAt(v.shape, outputAxis)], settings);
      return { weight: mul(g, standardised, alongUnits(g, gamma, normed)) };
    }),
};
