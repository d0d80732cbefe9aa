import jStat from 'jstat';
import { describe, expect, it } from 'vitest';
import { studentQuantile } from './student.ts';

describe('studentQuantile()', () => {
  // Closed forms for 1, 2 and 4 degrees of freedom.
  it.each([0.6, 0.95, 0.975, 0.995])('keeps to the closed forms at p = %d', (p) => {
    const alpha = 4 * p * (1 - p);
    const q = Math.cos(Math.acos(Math.sqrt(alpha)) / 3) / Math.sqrt(alpha);
    expect(studentQuantile(p, 1) / Math.tan(Math.PI * (p - 0.5)) - 1).toBeCloseTo(0, 7);
    expect(studentQuantile(p, 2) / ((2 * p - 1) * Math.sqrt(2 / alpha)) - 1).toBeCloseTo(0, 7);
    expect(studentQuantile(p, 4) / (2 * Math.sqrt(q - 1)) - 1).toBeCloseTo(0, 7);
  });

  it('is jStat’s own number, but for last bits', () => {
    for (const confidence of [0.2, 0.9, 0.95, 0.99, 0.999]) {
      const p = (1 + confidence) / 2;
      for (let freedom = 1; freedom <= 200; freedom++) {
        expect(studentQuantile(p, freedom) / jStat.studentt.inv(p, freedom) - 1).toBeCloseTo(0, 14);
      }
    }
  });
});
