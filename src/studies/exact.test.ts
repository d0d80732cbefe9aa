import { describe, expect, it } from 'vitest';
import { casesPart, casesText, resultOf } from './exact.ts';

const about = { name: 'a', claim: 'It holds.', effect: 'relative error', tolerance: 1e-8 };

describe('casesPart()', () => {
  it('holds where every error is at most the tolerance', () => {
    const part = casesPart(about, [0, 1e-8, 3e-12]);
    expect(part).toMatchObject({ verdict: 'reproduced', margin: 1e-8, pairings: [] });
    expect(part.cases).toEqual({ count: 3, failures: 0, largest: 1e-8 });
  });

  it('fails for one error above it, one that is no number, and no case at all', () => {
    expect(casesPart(about, [0, 2e-8])).toMatchObject({
      verdict: 'not-reproduced',
      cases: { count: 2, failures: 1, largest: 2e-8 },
    });
    const broken = casesPart(about, [1, Number.NaN, 0.5]);
    expect(broken).toMatchObject({ verdict: 'not-reproduced', cases: { count: 3, failures: 3 } });
    expect(casesPart(about, []).verdict).toBe('not-reproduced');
    expect(casesPart(about, [Number.POSITIVE_INFINITY]).cases?.largest).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('casesText()', () => {
  it('says how many cases hold or fail', () => {
    expect(casesText({ count: 200, failures: 0, largest: 3.14e-14 }, 1e-8)).toBe(
      'all 200 cases hold (largest error 3.14e-14, tolerance 1e-8)',
    );
    expect(casesText({ count: 200, failures: 113, largest: 0.5 }, 1e-8)).toBe(
      '113 of 200 cases fail (largest error 0.5, tolerance 1e-8)',
    );
  });
});

describe('resultOf()', () => {
  it('opens the sentence with the parts’ verdict', () => {
    const parts = [casesPart(about, [0]), casesPart({ ...about, name: 'b' }, [1])];
    expect(resultOf(parts, { outcome: 'one of two holds' })).toMatchObject({
      verdict: 'not-reproduced',
      sentence: 'Not reproduced: one of two holds.',
      notes: [],
      figures: [],
    });
  });
});
