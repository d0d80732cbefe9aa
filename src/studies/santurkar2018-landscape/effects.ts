/** @file The three effects of the claim, each from one comparison, oriented so that the claim is positive. */

import { mean, median, quantile } from '../../math/statistics.ts';
import { rule } from './protocol.ts';
import type { ProbePoint } from './series.ts';
import type { Comparison } from './window.ts';

export interface Effect {
  readonly name: 'a' | 'b' | 'c';
  readonly claim: string;
  readonly definition: string;
  readonly margin: number;
  readonly of: (comparison: Comparison) => number;
  /** The statistic of one arm, which the text shows beside the published one. */
  readonly arm: (points: readonly ProbePoint[]) => number;
  readonly armLabel: string;
  /** What is reported beside it and not judged, where the statistic hangs on spikes. */
  readonly beside?: { readonly label: string; readonly arm: (points: readonly ProbePoint[]) => number };
  readonly published: string;
}

function logRange({ lossLow, lossHigh }: ProbePoint): number {
  return Math.log(lossHigh / lossLow);
}

/** 95th percentile, interpolated linearly. */
function q95(points: readonly ProbePoint[], of: (point: ProbePoint) => number): number {
  return quantile(points.map(of), 0.95);
}

function logRatio(of: (point: ProbePoint) => number): Effect['of'] {
  return ({ standard, batch }) => Math.log(q95(standard, of) / q95(batch, of));
}

export const effects: readonly Effect[] = [
  {
    name: 'a',
    claim: 'Batch normalisation makes the loss vary less along the direction of a training step.',
    definition:
      'difference (standard − batch norm) of the mean over probes of W = ln(max L / min L), ' +
      'L the loss at x − s·g over s in {0.5, 1, 2, 4} × learning rate',
    margin: rule.lossMargin,
    of: ({ standard, batch }) => mean(standard.map(logRange)) - mean(batch.map(logRange)),
    arm: (points) => mean(points.map(logRange)),
    armLabel: 'mean W',
    published: 'about ln(5/2.2) = 0.82 apart (Fig. 4a)',
  },
  {
    name: 'b',
    claim: 'Batch normalisation makes the gradient change less along the direction of a training step.',
    definition:
      'ln of the ratio (standard / batch norm) of the 95th percentile over probes of D = max ‖g(x) − g(x − s·g)‖, ' +
      'over s in {0.5, 1, 2, 4} × learning rate',
    margin: rule.gradientMargin,
    of: logRatio(({ changeHigh }) => changeHigh),
    arm: (points) => q95(points, ({ changeHigh }) => changeHigh),
    armLabel: '95th percentile of D',
    beside: { label: 'median of D', arm: (points) => median(points.map(({ changeHigh }) => changeHigh)) },
    published: 'standard spikes to 250, batch norm 10 to 40 (Fig. 4b)',
  },
  {
    name: 'c',
    claim: 'Batch normalisation lowers the effective smoothness constant along the direction of a training step.',
    definition:
      'ln of the ratio (standard / batch norm) of the 95th percentile over probes of ' +
      'beta = max ‖g(x) − g(x − s·g)‖ / (s‖g‖), over s in {0.5, 1, 2, 4} × learning rate',
    margin: rule.betaMargin,
    of: logRatio(({ beta }) => beta),
    arm: (points) => q95(points, ({ beta }) => beta),
    armLabel: '95th percentile of beta',
    beside: { label: 'median of beta', arm: (points) => median(points.map(({ beta }) => beta)) },
    published: 'standard spikes to 45, both at 20 = 2/eta between spikes (Fig. 4c)',
  },
];
