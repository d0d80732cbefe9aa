import { histogramsProbe } from './histograms.ts';
import type { Probe } from './probe.ts';

const gradient =
  'the gradient of the mini-batch cross-entropy (without weight decay) with respect to one parameter tensor';

/** How the entries of each parameter's gradient are distributed. */
export const gradientHistograms: Probe = histogramsProbe(
  'gradient',
  {
    title: 'histograms of the gradient of each parameter',
    paper: 'bjorck2018',
    symbol: 'g',
    counted: `entries of ${gradient}`,
    over: gradient,
    each: 'tensor',
  },
  ({ parameters, gradients }) =>
    new Map(parameters.flatMap(({ name }, i) => (gradients[i] === undefined ? [] : [[name, gradients[i]]]))),
);
