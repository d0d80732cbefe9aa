/** @file Whether the images are made numbers of as the network was trained on them. */

import { mean } from '../../math/statistics.ts';
import type { Scaling } from '../../data/scalings.ts';
import type { Finding } from '../finding.ts';
import type { Measured } from '../measure.ts';
import type { Preprocessing } from '../preprocessing.ts';
import { isRestored, lossOf, type Restoration } from '../restore.ts';
import { statisticsRules } from './gap.ts';
import { beyond, percent, short } from './rule.ts';

/** What decides between a wrong input and wrong statistics of the first layer, which look alike. */
export interface Circumstances {
  readonly given: Scaling;
  readonly measured: Measured;
  readonly restoration: Restoration | undefined;
  /** Whether the running statistics of all norms are those of the data under the best scaling. */
  readonly fits: boolean;
}

/** The findings with what other scalings say: one of its own, and which of the others only echo it. */
export function withPreprocessing(
  findings: readonly Finding[],
  { best, gain, loss, accuracy, tried }: Preprocessing,
  { given, measured, restoration, fits }: Circumstances,
): readonly Finding[] {
  // More than the batches differ among themselves.
  const number = (gain.interval?.lower ?? 0) > 0 ? gain.value : 0;
  const before = mean(measured.evaluation.accuracy);
  const own = beyond('preprocessing', number, {
    interval: gain.interval,
    text: `the network was trained on ${best.formula}, and is fed ${given.formula}: accuracy ${percent(before)} instead of ${percent(accuracy)}`,
    repair: `feed it ${best.formula}`,
  });
  const [wrong] = own;
  if (wrong === undefined) return findings;
  const frozen = lossOf(measured.frozen);
  const helps =
    measured.norms.length === 0 || (fits && isRestored(loss, { target: frozen, before: lossOf(measured.evaluation) }));
  const finding: Finding = {
    ...wrong,
    counterfactual: {
      run: `the same images as ${best.formula}, the best of ${tried.length} scalings`,
      result: `accuracy ${percent(accuracy)} instead of ${percent(before)}, loss ${short(loss)} instead of ${short(lossOf(measured.evaluation))}`,
      helps,
    },
    // Statistics that restore the loss where no scaling makes them fit are the cause, and the scaling made up for them.
    ...(!helps && (restoration?.cause.length ?? 0) > 0 && { echoOf: (restoration as Restoration).cause.join(', ') }),
  };
  if (!helps) return [...findings, finding];
  const isEcho = ({ rule }: Finding): boolean =>
    rule === 'train-eval-gap' || (statisticsRules.includes(rule) && rule !== 'poisoned-statistics');
  return [finding, ...findings.map((other) => (isEcho(other) ? { ...other, echoOf: 'preprocessing' } : other))];
}
