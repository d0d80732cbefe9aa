import { histogramsProbe } from './histograms.ts';
import type { Probe } from './probe.ts';

const given = "a hidden layer's activation is given on the mini-batch, after norm and residual";

/** How what each hidden layer hands to its activation is distributed. */
export const activationHistograms: Probe = histogramsProbe(
  'activation',
  {
    title: 'histograms of what each activation is given',
    paper: 'santurkar2018',
    symbol: 'y',
    counted: `values of what ${given}`,
    over: `what ${given}`,
    each: 'layer',
  },
  ({ network }) => new Map(network.layers.map(({ name, summed }) => [name, summed])),
);
