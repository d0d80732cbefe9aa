import type { Probe } from './probe.ts';
import { momentsProbe } from './moments.ts';

/** Mean and standard deviation of what each hidden layer hands on. */
export const activationMoments: Probe = momentsProbe(
  'activation',
  {
    title: 'moments of the activations of each layer',
    paper: 'bjorck2018',
    what: "a hidden layer's result on the mini-batch, after norm, residual and activation",
  },
  ({ network }) => new Map(network.layers.map(({ name, output }) => [name, output])),
);
