/** @file From findings to one sentence: what most likely ails the network. */

import type { Finding } from './finding.ts';

/** What explains others comes first: poison before what it poisons, a wrong input before all that it upsets. */
const order: readonly string[] = [
  'not-finite',
  'poisoned-statistics',
  'preprocessing',
  'never-updated',
  'stale-mean',
  'stale-variance',
  'train-eval-gap',
  'momentum-convention',
  'small-batch',
  'batch-noise',
  'dead-relu',
  'constant-channel',
  'dead-gamma',
  'gradient-spread',
  'activation-growth',
  'rate-ceiling',
  'weight-growth',
  'saturated-tanh',
  'epsilon-share',
];

/** The finding that the others most likely follow from; undefined where there is no problem. */
function causeAmong(findings: readonly Finding[]): Finding | undefined {
  const problems = findings.filter(({ level, echoOf }) => level === 'problem' && echoOf === undefined);
  const rank = ({ rule, counterfactual }: Finding): number => {
    const place = order.indexOf(rule);
    // What was tried and did not help is hardly the cause.
    return (place < 0 ? order.length : place) + (counterfactual?.helps === false ? order.length : 0);
  };
  return problems.toSorted((a, b) => rank(a) - rank(b))[0];
}

/** One sentence for the first screen. */
export function likeliestCause(findings: readonly Finding[]): string {
  const cause = causeAmong(findings);
  if (cause === undefined) {
    const notes = findings.filter(({ level }) => level === 'note').length;
    return notes === 0
      ? 'Nothing was found that ails this network.'
      : `No problem was found; ${notes === 1 ? 'one thing is' : `${notes} things are`} worth knowing.`;
  }
  const { text, counterfactual } = cause;
  const proof = counterfactual?.helps === true ? ` (${counterfactual.run}: ${counterfactual.result})` : '';
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${proof}.`;
}
