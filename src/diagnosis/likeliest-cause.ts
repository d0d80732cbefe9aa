/** @file From findings to one sentence: what most likely ails the network. */

import { capitalised } from '../capitalised.ts';
import { counted } from '../counted.ts';
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

/** What explains others before what follows from it. */
export function ranked(findings: readonly Finding[]): readonly Finding[] {
  const rank = ({ rule, counterfactual }: Finding): number => {
    const place = order.indexOf(rule);
    // What was tried and did not help is hardly the cause.
    return (place < 0 ? order.length : place) + (counterfactual?.helps === false ? order.length : 0);
  };
  return findings.toSorted((a, b) => rank(a) - rank(b));
}

/** One sentence for the first screen. */
export function likeliestCause(findings: readonly Finding[]): string {
  const [cause] = ranked(findings.filter(({ level, echoOf }) => level === 'problem' && echoOf === undefined));
  if (cause !== undefined) return `${capitalised(said(cause, findings))}.`;
  const notes = findings.filter(({ level }) => level === 'note');
  const [first] = ranked(notes);
  if (first === undefined) return 'Nothing was found that ails this network.';
  return `No problem was found. Most worth knowing${notes.length === 1 ? '' : ` of ${notes.length} things`}: ${said(first, findings)}.`;
}

/** What a finding says, of how many more layers it holds, and what was tried. */
function said({ rule, level, layer, text, counterfactual }: Finding, findings: readonly Finding[]): string {
  const alike = findings.filter(
    (other) => other.rule === rule && other.level === level && other.layer !== layer,
  ).length;
  const more = alike === 0 ? '' : `; the same in ${counted(alike, 'more layer')}`;
  const proof = counterfactual?.helps === true ? ` (${counterfactual.run}: ${counterfactual.result})` : '';
  return `${text}${more}${proof}`;
}
