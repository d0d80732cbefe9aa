import type { Probe } from './probe.ts';
import { momentsProbe } from './moments.ts';

/** Mean and standard deviation of each parameter's gradient. */
export const gradientMoments: Probe = momentsProbe(
  'gradient',
  {
    title: 'moments of the gradient of each parameter',
    paper: 'bjorck2018',
    what: 'the gradient of the mini-batch cross-entropy (without weight decay) with respect to one parameter tensor',
  },
  ({ parameters, gradients }) =>
    new Map(parameters.flatMap((parameter, i) => (gradients[i] ? [[parameter.name, gradients[i]]] : []))),
);
