import { describe, expect, it } from 'vitest';
import { standardDeviation, studentInterval } from '../math/statistics.ts';
import { studentQuantile } from '../math/student.ts';
import { seedsNeeded, seedsNeededText } from './seeds-needed.ts';

describe('seedsNeeded()', () => {
  it('gives the least number of seeds of that mean and deviation whose interval clears the margin', () => {
    const effects = [0.1, 0.5, -0.2, 0.4, 0.3, -0.1];
    const n = seedsNeeded(effects, 0.1) ?? 0;
    // Half the width of studentInterval() of any n numbers with that deviation, told by its own on two of them.
    const deviation = standardDeviation(effects);
    const half = (count: number): number => (studentQuantile(0.975, count - 1) * deviation) / Math.sqrt(count);
    const two = studentInterval([0, deviation * Math.SQRT2]);
    expect((two.upper - two.lower) / 2).toBeCloseTo(half(2), 10);
    expect(half(n)).toBeLessThan(0.1);
    expect(half(n - 1)).toBeGreaterThan(0.1);
  });

  it('says where no number would do', () => {
    const effects = [-1, 1, -1, 1];
    expect(seedsNeeded(effects, 0)).toBeUndefined();
    expect(seedsNeededText(effects, studentInterval(effects), 1e-6)).toBe(
      'more than 1,000 seeds would decide, if others are like these 4',
    );
    expect(seedsNeededText([1, 2, 3], studentInterval([1, 2, 3]), 1)).toMatch(/^some \d+ seeds would decide/u);
  });
});
