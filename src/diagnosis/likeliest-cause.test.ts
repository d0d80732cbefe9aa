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

  it('says of how many more layers it holds', () => {
    const many = ['conv3', 'conv4', 'conv5'].map((layer) => finding('dead-relu', { layer }));
    expect(likeliestCause(many)).toBe('What dead-relu does; the same in 2 more layers.');
    expect(likeliestCause([...many.slice(0, 1), finding('dead-relu', { layer: 'conv4', level: 'note' })])).toBe(
      'What dead-relu does.',
    );
  });

  it('says that nothing was found, or which note matters most', () => {
    expect(likeliestCause([])).toBe('Nothing was found that ails this network.');
    const notes = ['idle-relu', 'epsilon-share'].map((rule) => finding(rule, { level: 'note' }));
    expect(likeliestCause(notes)).toBe(
      'No problem was found. Most worth knowing of 2 things: what epsilon-share does.',
    );
    expect(likeliestCause(notes.slice(0, 1))).toBe('No problem was found. Most worth knowing: what idle-relu does.');
  });
});
