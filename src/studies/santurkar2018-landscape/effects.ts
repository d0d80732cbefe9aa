/** @file The three effects of the claim, each from one comparison, oriented so that the claim is positive. */

import { mean, median, quantile } from '../../math/statistics.ts';
import { rule } from './protocol.ts';
import type { ProbePoint } from './series.ts';
import type { Comparison } from './window.ts';

/** One way to read what the paper measures; where there are two, both are judged. */
export interface Reading {
  readonly name: string;
  readonly definition: string;
  readonly of: (comparison: Comparison) => number;
  /** The statistic of one arm, which the text shows beside the published one. */
  readonly arm: (points: readonly ProbePoint[]) => number;
  readonly armLabel: string;
}

export interface Effect {
  readonly name: 'a' | 'b' | 'c';
  readonly claim: string;
  readonly margin: number;
  readonly readings: readonly Reading[];
  /** What is reported beside it and not judged, where the statistic hangs on spikes. */
  readonly beside?: { readonly label: string; readonly arm: (points: readonly ProbePoint[]) => number };
  readonly published: string;
}

/** max L − min L, the range of values that section 3.2 speaks of. */
export function lossRange({ lossLow, lossHigh }: ProbePoint): number {
  return lossHigh - lossLow;
}

/** ln(max L / min L), the width that is drawn where the axis of the loss is logarithmic. */
export function lossWidth({ lossLow, lossHigh }: ProbePoint): number {
  return Math.log(lossHigh / lossLow);
}

const along = 'over s in {0.5, 1, 2, 4} × learning rate';

/** 95th percentile, interpolated linearly. */
function q95(points: readonly ProbePoint[], of: (point: ProbePoint) => number): number {
  return quantile(points.map(of), 0.95);
}

/** Of the 95th percentile, which spikes decide. */
function spikes(name: string, symbol: string, of: (point: ProbePoint) => number): Reading {
  return {
    name: 'at equal steps',
    definition: `ln of the ratio (standard / batch norm) of the 95th percentile over probes of ${name}, ${along}`,
    of: ({ standard, batch }) => Math.log(q95(standard, of) / q95(batch, of)),
    arm: (points) => q95(points, of),
    armLabel: `95th percentile of ${symbol}`,
  };
}

export const effects: readonly Effect[] = [
  {
    name: 'a',
    claim: 'Batch normalisation makes the loss vary less along the direction of a training step.',
    margin: rule.lossMargin,
    readings: [
      {
        name: 'range of values (section 3.2)',
        definition: `ln of the ratio (standard / batch norm) of the mean over probes of R = max L − min L, L the loss at x − s·g ${along}`,
        of: ({ standard, batch }) => Math.log(mean(standard.map(lossRange)) / mean(batch.map(lossRange))),
        arm: (points) => mean(points.map(lossRange)),
        armLabel: 'mean R (nats)',
      },
      {
        name: 'drawn width (Fig. 4a)',
        definition: 'difference (standard − batch norm) of the mean over probes of W = ln(max L / min L)',
        of: ({ standard, batch }) => mean(standard.map(lossWidth)) - mean(batch.map(lossWidth)),
        arm: (points) => mean(points.map(lossWidth)),
        armLabel: 'mean W',
      },
    ],
    published: 'bands up to 10 against 2.5, in the middle about ln(5/2.2) = 0.82 apart (Fig. 4a)',
  },
  {
    name: 'b',
    claim: 'Batch normalisation makes the gradient change less along the direction of a training step.',
    margin: rule.gradientMargin,
    readings: [spikes('D = max ‖g(x) − g(x − s·g)‖', 'D', ({ changeHigh }) => changeHigh)],
    beside: { label: 'median of D', arm: (points) => median(points.map(({ changeHigh }) => changeHigh)) },
    published: 'standard spikes to 250, batch norm 10 to 40 (Fig. 4b)',
  },
  {
    name: 'c',
    claim: 'Batch normalisation lowers the effective smoothness constant along the direction of a training step.',
    margin: rule.betaMargin,
    readings: [spikes('beta = max ‖g(x) − g(x − s·g)‖ / (s‖g‖)', 'beta', ({ beta }) => beta)],
    beside: { label: 'median of beta', arm: (points) => median(points.map(({ beta }) => beta)) },
    published: 'standard spikes to 45, both at 20 = 2/eta between spikes (Fig. 4c)',
  },
];
