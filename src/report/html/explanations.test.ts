import { describe, expect, it } from 'vitest';
import { explanations } from '../../studies/explanations.ts';
import type { StudySection } from '../../studies/document.ts';
import type { Verdict } from '../../studies/verdict.ts';
import { balance, explanationMap } from './explanations.ts';
import type { StudyEntry } from './study-section.ts';

const entryOf = (name: string, verdict: Verdict | undefined): StudyEntry => {
  const section: StudySection = {
    kind: 'study',
    name,
    title: `About ${name}`,
    paper: 'santurkar2018',
    where: 'Figure 1',
    claim: 'It holds.',
    needsData: false,
    budget: 'quick',
    result: verdict && { verdict, sentence: '', parts: [], notes: [], figures: [], tables: [] },
    notRun: verdict === undefined ? 'for want of data' : undefined,
    protocol: [],
    definitions: [],
    command: '',
    wallSeconds: undefined,
  };
  return { section, id: name.replace('/', '-') };
};

const [shift] = explanations;
const evidence = shift?.evidence ?? [];

describe('the map of explanations', () => {
  it('counts what is reproduced by what it speaks for, and all else as open', () => {
    const verdicts: readonly (Verdict | undefined)[] = [
      'reproduced',
      'reproduced',
      'not-reproduced',
      'inconclusive',
      undefined,
    ];
    const found = evidence.slice(0, 5).map((one, i) => ({ evidence: one, entry: entryOf(one.study, verdicts[i]) }));
    expect(found.map((one) => one.evidence.stance)).toEqual(['for', 'against', 'against', 'against', 'against']);
    expect(balance(found)).toBe('1 for, 1 against, 3 open or not found');
  });

  it('answers first: what is supported, what is spoken against, and what is open', () => {
    const verdictOf = (stance: string): Verdict => (stance === 'against' ? 'reproduced' : 'not-reproduced');
    const entries = [...evidence, ...(explanations[1]?.evidence ?? [])].map((one) =>
      entryOf(one.study, one.study.startsWith('santurkar2018/shift') ? verdictOf(one.stance) : 'inconclusive'),
    );
    const answer = /<dl class="answer">([^]*?)<\/dl>/.exec(explanationMap(entries, 'map')?.text ?? '')?.[1] ?? '';
    expect(
      answer
        .replace(/<[^>]*>/g, '|')
        .split('|')
        .filter((text) => text.trim() !== ''),
    ).toEqual([
      'Spoken against alone',
      `${explanations[0]?.title}.`,
      'Open: no claim that bears on it holds',
      `${explanations[1]?.title}; ${explanations[3]?.title}.`,
    ]);
  });

  it('links the claims of the run, leaves out explanations without any, and says how many are missing', () => {
    const smoothness = explanations[1]?.evidence ?? [];
    const entries = [...evidence, ...smoothness.slice(0, 1)].map(({ study }) => entryOf(study, 'reproduced'));
    const text = explanationMap(entries, 'map')?.text ?? '';
    expect(text.match(/<h3>/g)).toHaveLength(2);
    expect(text).toContain('href="#ioffe2015-mnist"');
    expect(text).toContain(`${smoothness.length - 1} more claims that bear on it: not part of this run.`);
  });

  it('is not drawn for a run of a few claims', () => {
    expect(
      explanationMap(
        evidence.slice(0, 5).map(({ study }) => entryOf(study, 'reproduced')),
        'map',
      ),
    ).toBeUndefined();
  });
});
