/** @file The gap between evaluation and training mode, and which layer's running statistics make it. */

import type { Counterfactual, Finding } from '../finding.ts';
import type { Measured } from '../measure.ts';
import { isRestored, type Restoration } from '../restore.ts';
import { beyond, short } from './rule.ts';

/** Rules whose findings say that running statistics are wrong. */
export const statisticsRules: readonly string[] = [
  'poisoned-statistics',
  'never-updated',
  'stale-mean',
  'stale-variance',
];

/** Evaluation is worse than training mode on the same batches, by more than the batches' own differences. */
export function trainEvalGap({ gap, evaluation, frozen, norms }: Measured): readonly Finding[] {
  if (norms.length === 0) return [];
  // The lower end: a gap that is not there on every draw of batches is no problem.
  const number = gap.interval?.lower ?? Number.NaN;
  const accuracies = [evaluation, frozen].map(
    ({ accuracy }) => accuracy.reduce((sum, x) => sum + x, 0) / accuracy.length,
  );
  const points = accuracies.every(Number.isFinite)
    ? ` (accuracy ${short(100 * (accuracies[0] as number))} % against ${short(100 * (accuracies[1] as number))} %)`
    : '';
  return beyond('train-eval-gap', number, {
    interval: gap.interval,
    text: `in evaluation mode the loss is ${short(gap.value)} nats above that of training mode on the same examples${points}: what is deployed is worse than what was trained`,
    repair: 'compute the running statistics anew over some batches with the weights as they are',
  });
}

/** Findings on statistics with what came of putting the population's in: the cause, and what only echoes it. */
export function withRestoration(findings: readonly Finding[], restoration: Restoration): readonly Finding[] {
  const { cause, frozen, before, after, all, alone } = restoration;
  const known = `loss by batch statistics ${short(frozen)}, in evaluation mode as it is ${short(before)}`;
  return findings.map((finding): Finding => {
    const { rule, layer } = finding;
    if (rule === 'train-eval-gap')
      return { ...finding, layer: cause.length === 1 ? cause[0] : undefined, counterfactual: ofGap(restoration) };
    if (rule === 'momentum-convention') return { ...finding, counterfactual: ofLastBatches(restoration) };
    // Where nothing updated more norms than are tried together, that each alone restores little is no doubt of the rule.
    if (rule === 'never-updated' && cause.length === 0) return { ...finding, counterfactual: ofEvery(restoration) };
    if (!statisticsRules.includes(rule) || layer === undefined) return finding;
    const loss = alone.get(layer);
    if (loss === undefined) return finding;
    const helps = cause.includes(layer) && (cause.length > 1 || isRestored(loss, restoration));
    const counterfactual: Counterfactual =
      helps && cause.length > 1
        ? {
            run: `population statistics put into ${cause.join(', ')} together`,
            result: `evaluation loss ${short(after)}, into ${layer} alone ${short(loss)}; ${known}`,
            helps,
          }
        : {
            run: `population statistics put into ${layer} alone`,
            result: `evaluation loss ${short(loss)}; ${known}`,
            helps,
          };
    const isEcho = !helps && cause.length > 0 && rule !== 'poisoned-statistics';
    return { ...finding, counterfactual, ...(isEcho && { echoOf: cause.join(', ') }) };
  });

  /** Statistics of few batches: what those of many would do. */
  function ofLastBatches(restored: Restoration): Counterfactual {
    return {
      run: 'population statistics put into every norm',
      result: `evaluation loss ${short(all)} instead of ${short(before)}`,
      helps: all < restored.before,
    };
  }

  function ofGap(restored: Restoration): Counterfactual {
    if (cause.length > 0) {
      return {
        run: `population statistics put into ${cause.join(', ')} ${cause.length > 1 ? 'together' : 'alone'}`,
        result: `evaluation loss ${short(restored.after)}; ${known}`,
        helps: true,
      };
    }
    const every = ofEvery(restored);
    const why = every.helps
      ? '; no layer alone restores it: weights and running statistics do not belong together'
      : ': it is not the running statistics';
    return { ...every, result: `${every.result}${why}` };
  }

  function ofEvery(restored: Restoration): Counterfactual {
    return {
      run: 'population statistics put into every norm',
      result: `evaluation loss ${short(all)}; ${known}`,
      helps: isRestored(all, restored),
    };
  }
}
