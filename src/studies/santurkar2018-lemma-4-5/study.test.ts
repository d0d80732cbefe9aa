/** @file The lemma's numbers by hand, the measurement on small layers, and the verdict on mutated records. */

import { afterAll, describe, expect, it } from 'vitest';
import { threadlessLaboratory } from '../../../test/studies.ts';
import type { StepRecord } from '../../records/record.ts';
import { compare, measure } from './measure.ts';
import { decide } from './study.ts';

const protocol = { seeds: 1, units: 5, sizes: [4], lengths: [3, 6] };
const laboratory = threadlessLaboratory();
afterAll(() => laboratory.close());

const measured = await measure(laboratory, protocol, 0);

/** Records with the numbers of one quantity replaced. */
function replaced(quantity: string, value: number): StepRecord[] {
  return measured.map((record) => (record.quantity === quantity ? { ...record, value } : record));
}

describe('compare()', () => {
  it('projects the start on the ray of the optimum', () => {
    // W* = (2, 0), W0 = (3, 4): k = 6/4, k W* = (3, 0), distances² 16 and 17, taken off (4 − 6)²/4 = 1.
    const sides = compare(Float64Array.of(3, 4), Float64Array.of(2, 0));
    expect(sides.k).toBe(1.5);
    expect(sides['printed-excess']).toBeCloseTo(0, 14);
    expect(sides['distance-ratio']).toBeCloseTo(16 / 17, 14);
    // The nearest of the others is 0.9 k or 1.1 k: 0.3 away along W*.
    expect(sides['nearest-excess']).toBeCloseTo(-0.09 / 17, 14);
  });
});

describe('santurkar2018/lemma-4-5', () => {
  it('finds the lemma an equality, and the mirrored weight as good with gamma = −σ', () => {
    const { verdict, parts } = decide([measured], protocol);
    expect(verdict).toBe('reproduced');
    expect(parts.map((part) => part.cases?.count)).toEqual([10, 10, 10, 10]);
    const mirrored = measured.filter(({ quantity }) => quantity === 'mirrored-error');
    expect(Math.max(...mirrored.map(({ value }) => value))).toBeLessThan(1e-10);
  });

  it.each([
    ['printed-excess', 1e-7, ['a', 'b']],
    ['printed-excess', -1e-7, ['b']],
    ['nearest-excess', 1e-7, ['c']],
    ['activation-error', 1e-7, ['d']],
  ] as const)('notices a %s of %s', (quantity, value, failing) => {
    const { verdict, parts } = decide([replaced(quantity, value)], protocol);
    expect(verdict).toBe('not-reproduced');
    expect(parts.flatMap((part) => (part.verdict === 'reproduced' ? [] : [part.name]))).toEqual(failing);
  });
});
