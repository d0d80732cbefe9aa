import { describe, expect, it } from 'vitest';
import type { Finding } from './finding.ts';
import { likeliestCause } from './likeliest-cause.ts';

const finding = (rule: string, changes: Partial<Finding> = {}): Finding => ({
  rule,
  level: 'problem',
  layer: 'conv3',
  number: 4,
  what: 'a number',
  threshold: 1,
  text: `what ${rule} does`,
  repair: 'a repair',
  ...changes,
});
const helped = { run: 'a trial', result: 'loss 0.1', helps: true };

describe('likeliestCause()', () => {
  it('takes what explains others first, in whatever order they come', () => {
    const findings = [
      finding('train-eval-gap'),
      finding('dead-relu'),
      finding('preprocessing', { counterfactual: helped }),
    ];
    expect(likeliestCause(findings)).toBe('What preprocessing does (a trial: loss 0.1).');
    expect(likeliestCause(findings.toReversed())).toBe('What preprocessing does (a trial: loss 0.1).');
  });

  it('passes over echoes, and over what was tried in vain while there is anything else', () => {
    const vain = finding('stale-mean', { counterfactual: { ...helped, helps: false } });
    const echo = finding('poisoned-statistics', { echoOf: 'conv1' });
    expect(likeliestCause([echo, vain, finding('epsilon-share')])).toBe('What epsilon-share does.');
    expect(likeliestCause([echo, vain])).toBe('What stale-mean does.');
  });

  it('says that nothing was found, or how much is worth knowing', () => {
    expect(likeliestCause([])).toBe('Nothing was found that ails this network.');
    const notes = ['a', 'b'].map((rule) => finding(rule, { level: 'note' }));
    expect(likeliestCause(notes)).toBe('No problem was found; 2 things are worth knowing.');
  });
});
