import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import type { StudySection } from '../../studies/document.ts';
import { hangsOnDefinition } from '../../studies/parts.ts';
import type { PairingResult, PartResult, StudyResult } from '../../studies/result.ts';
import { renderReport } from '../report.ts';

const inconclusive: StudyResult = {
  verdict: 'inconclusive',
  sentence: 'Inconclusive: as made up.',
  parts: [],
  notes: [],
  figures: [],
  tables: [],
};

function section(name: string, result?: StudyResult): StudySection {
  return {
    kind: 'study',
    name: `ioffe2015/${name}`,
    title: `Claim ${name}`,
    paper: 'ioffe2015',
    where: 'Section 3',
    claim: 'It holds.',
    needsData: false,
    budget: 'quick',
    result,
    notRun: result === undefined ? 'It was stopped.' : undefined,
    protocol: [],
    definitions: [],
    command: 'npx normscope reproduce',
    wallSeconds: undefined,
  };
}

function pageOf(count: number, result?: StudyResult) {
  const sections = Array.from({ length: count }, (_, i) => section(`${i}`, i === 0 ? result : undefined));
  const created = '2026-01-01T00:00:00.000Z';
  return parseHTML(renderReport({ title: 'Made up', created, manifest: [], sections, writeUps: [] })).document;
}

describe('a report of many claims', () => {
  it('is open in its markup, so that a page without script shows all', () => {
    const folds = [...pageOf(6).querySelectorAll('details.fold')];
    expect(folds).toHaveLength(6);
    for (const fold of folds) expect(fold.hasAttribute('open')).toBe(true);
  });

  it('begins folded where there are more than a handful', () => {
    const marks = (count: number) =>
      [...pageOf(count).querySelectorAll('head script')].map((script) => script.textContent);
    expect(marks(5)).toEqual([]);
    expect(marks(6)).toHaveLength(1);
  });

  it('says of a folded section what it is and what came out, and nothing that is clicked for itself', () => {
    const [summary] = pageOf(6, inconclusive).querySelectorAll('.study summary');
    expect(summary?.textContent).toBe('Claim 0inconclusiveInconclusive: as made up.');
    expect(summary?.querySelectorAll('a, button')).toHaveLength(0);
  });

  it('offers to open and to fold all, but only to a script that can', () => {
    const controls = pageOf(6).querySelector('.fold-controls');
    expect(controls?.hasAttribute('hidden')).toBe(true);
    expect(controls?.querySelectorAll('button')).toHaveLength(2);
    expect(pageOf(1).querySelector('.fold-controls')).toBeNull();
  });

  it('names the claims of each outcome before all else', () => {
    const document = pageOf(3, inconclusive);
    const lines = [...document.querySelectorAll('.glance > div')].map((line) => [
      line.querySelector('dt')?.textContent,
      [...line.querySelectorAll('a')].map((link) => link.textContent),
    ]);
    expect(lines).toEqual([
      ['inconclusive 1', ['Claim 0']],
      ['not run 2', ['Claim 1', 'Claim 2']],
    ]);
    expect(pageOf(1).querySelector('.glance')).toBeNull();
  });
});

describe('hangsOnDefinition', () => {
  const pairing = (verdict: PairingResult['verdict']): PairingResult => {
    return { name: 'made up', verdict, effects: [], interval: undefined };
  };
  const about = { name: 'a', claim: 'It holds.', effect: 'none', margin: 0, remarks: [] };
  const part = (areReadings: boolean, ...words: readonly PairingResult['verdict'][]): PartResult => {
    return { ...about, verdict: 'inconclusive', areReadings, pairings: words.map(pairing) };
  };

  it('is said at a glance where readings of one quantity come to different words', () => {
    const hanging = part(true, 'reproduced', 'not-reproduced');
    expect(hangsOnDefinition(hanging)).toBe(true);
    expect(hangsOnDefinition(part(true, 'reproduced', 'inconclusive'))).toBe(true);
    const said = pageOf(2, { ...inconclusive, parts: [hanging] }).querySelector('.glance li')?.textContent;
    expect(said).toBe('Claim 0 hangs on the definition');
  });

  it('is not said where readings agree, nor of settings at which a claim holds and fails', () => {
    expect(hangsOnDefinition(part(true, 'reproduced', 'reproduced'))).toBe(false);
    const settings = part(false, 'reproduced', 'not-reproduced');
    expect(hangsOnDefinition(settings)).toBe(false);
    const said = pageOf(2, { ...inconclusive, parts: [settings] }).querySelector('.glance li')?.textContent;
    expect(said).toBe('Claim 0');
  });
});
