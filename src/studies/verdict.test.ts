import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { studentInterval } from '../math/statistics.ts';
import { agree, combine, judge, type Verdict } from './verdict.ts';

const interval = (lower: number, upper: number): Parameters<typeof judge>[0] => ({
  mean: (lower + upper) / 2,
  lower,
  upper,
  count: 3,
});
const words: readonly Verdict[] = ['reproduced', 'not-reproduced', 'inconclusive', 'precondition-failed'];
const someWords = fc.array(fc.constantFrom(...words), { maxLength: 5 });

describe('judge()', () => {
  it.each([
    [0.2, 0.4, 0.1, 'reproduced'],
    [-0.4, 0.05, 0.1, 'not-reproduced'],
    [0.05, 0.4, 0.1, 'inconclusive'],
    [-1, 1, 0, 'inconclusive'],
    [0.1, 0.4, 0.1, 'inconclusive'],
    [-0.4, 0.1, 0.1, 'inconclusive'],
    [-0.4, -0.2, 0, 'not-reproduced'],
  ] as const)('calls [%d, %d] beside a margin of %d %s', (lower, upper, margin, verdict) => {
    expect(judge(interval(lower, upper), margin)).toBe(verdict);
  });

  it('can only lose a verdict, never turn it, as the margin moves into the interval', () => {
    const numbers = fc.double({ min: -5, max: 5, noNaN: true });
    fc.assert(
      fc.property(numbers, numbers, numbers, (a, b, margin) => {
        const [lower, upper] = [Math.min(a, b), Math.max(a, b)];
        const verdict = judge(interval(lower, upper), margin);
        expect(verdict === 'reproduced').toBe(margin < lower);
        expect(verdict === 'not-reproduced').toBe(margin > upper);
      }),
    );
  });

  it('needs seeds that agree: the t interval of scattered effects decides nothing', () => {
    expect(judge(studentInterval([1.0, 1.1, 0.9]), 0)).toBe('reproduced');
    expect(judge(studentInterval([2.0, 0.1, 0.9]), 0)).toBe('inconclusive');
  });

  it('decides nothing from an interval that is not a number', () => {
    expect(judge(interval(Number.NaN, Number.NaN), 0)).toBe('inconclusive');
  });
});

describe('combine()', () => {
  it.each<[readonly Verdict[], Verdict]>([
    [['reproduced', 'reproduced'], 'reproduced'],
    [['reproduced', 'inconclusive'], 'inconclusive'],
    [['reproduced', 'not-reproduced'], 'not-reproduced'],
    [['inconclusive', 'not-reproduced'], 'not-reproduced'],
    [['not-reproduced', 'precondition-failed'], 'precondition-failed'],
    [[], 'inconclusive'],
  ])('calls %j %s', (parts, verdict) => {
    expect(combine(parts)).toBe(verdict);
  });

  it('does not depend on the order of the parts, nor on repeating one', () => {
    fc.assert(
      fc.property(someWords, (parts) => {
        expect(combine(parts.toReversed())).toBe(combine(parts));
        expect(combine([...parts, ...parts])).toBe(combine(parts));
      }),
    );
  });
});

describe('agree()', () => {
  it('keeps a word on which all agree, and is inconclusive otherwise', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words.slice(0, 3)), { maxLength: 5 }), (parts) => {
        const [first] = parts;
        const unanimous = first !== undefined && new Set(parts).size === 1;
        expect(agree(parts)).toBe(unanimous ? first : 'inconclusive');
      }),
    );
  });
});
