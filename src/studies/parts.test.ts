import { describe, expect, it } from 'vitest';
import { casesPart, casesText, intervalPart, resultOf } from './parts.ts';

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

describe('intervalPart()', () => {
  const effects = [0.9, 1, 1.1].map((value, seed) => ({ seed, value }));

  it('judges the interval of one effect per seed against the margin', () => {
    // t(0.975, 2) = 4.303, s = 0.1: half width 0.248.
    const part = intervalPart({ ...about, margin: 0.7, rule: 'above' }, effects);
    expect(part).toMatchObject({ verdict: 'reproduced', margin: 0.7 });
    expect(part.pairings[0]?.interval?.lower).toBeCloseTo(0.7516, 4);
    expect(intervalPart({ ...about, margin: 0.8, rule: 'above' }, effects).verdict).toBe('inconclusive');
    expect(intervalPart({ ...about, margin: 1.3, rule: 'above' }, effects).verdict).toBe('not-reproduced');
  });

  it('judges a claim of equivalence by whether the interval lies inside ±margin', () => {
    expect(intervalPart({ ...about, margin: 1.3, rule: 'within' }, effects).verdict).toBe('reproduced');
    expect(intervalPart({ ...about, margin: 1.1, rule: 'within' }, effects).verdict).toBe('inconclusive');
    expect(intervalPart({ ...about, margin: 0.7, rule: 'within' }, effects).verdict).toBe('not-reproduced');
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

describe('an interval of too few effects', () => {
  const claim = { name: 'a', claim: 'It holds.', effect: 'loss', margin: 0.1, rule: 'above' } as const;

  it.each([
    [[1, Number.NaN, 2], 'Not judged: the effect of seed 1 is NaN.'],
    [[1], 'Not judged: 1 of 2 seeds or more.'],
  ])('does not judge %j', (values, remark) => {
    const part = intervalPart(
      claim,
      values.map((value, seed) => ({ seed, value })),
    );
    expect(part.verdict).toBe('precondition-failed');
    expect(part.remarks).toEqual([remark]);
  });
});
