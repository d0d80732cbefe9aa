/** @file Both sides of the theorem against numbers by hand, and the verdict on records that hold, fail or were mutated. */

import { afterAll, describe, expect, it } from 'vitest';
import { threadlessLaboratory } from '../../../test/studies.ts';
import type { StepRecord } from '../../records/record.ts';
import { compare, measure } from './measure.ts';
import { decide } from './study.ts';

const protocol = { seeds: 1, units: 4, sizes: [3, 7], model: 'mlp', width: 0.1, batchSize: 5 };
const laboratory = threadlessLaboratory();
afterAll(() => laboratory.close());

const measured = await measure(laboratory, protocol, 0);

/** Records with the numbers of one quantity replaced. */
function replaced(quantity: string, value: number): StepRecord[] {
  return measured.map((record) => (record.quantity === quantity ? { ...record, value } : record));
}

describe('compare()', () => {
  // y = (−1, −1, 1, 1): σ = 1, ŷ = y. g = (1, 2, 4, 9): ⟨1, g⟩²/4 = 64, ⟨g, ŷ⟩ = 10, ‖g‖² = 102.
  const y = Float64Array.of(-1, -1, 1, 1);
  const ghat = Float64Array.of(1, 2, 4, 9);
  // P g = g − 4 − 2.5 ŷ.
  const d = Float64Array.of(-0.5, 0.5, -2.5, 2.5).map((value) => 3 * value);

  it('has both sides of both forms', () => {
    const sides = compare({ y, gamma: 3, d, ghat });
    expect(sides['printed-excess']).toBeCloseTo((13 - (102 - 64 - 50)) / 102, 12);
    expect(sides['printed-ratio']).toBeCloseTo(-12 / 13, 12);
    expect(sides['corrected-ratio']).toBeCloseTo(1, 12);
    expect(sides['equality-error']).toBeLessThan(1e-15);
    expect(sides['jacobian-error']).toBeLessThan(1e-15);
  });

  it('notices a gradient that keeps its component along ŷ', () => {
    const kept = ghat.map((value) => 3 * (value - 4));
    const sides = compare({ y, gamma: 3, d: kept, ghat });
    expect(sides['equality-error']).toBeCloseTo(25 / 102, 12);
    expect(sides['jacobian-error']).toBeCloseTo(2.5 / 9, 12);
  });
});

describe('santurkar2018/theorem-4-1', () => {
  it('finds the printed bound false and the equality true in every case', () => {
    const { verdict, parts, sentence } = decide([measured], protocol);
    expect(verdict).toBe('not-reproduced');
    expect(parts.map((part) => part.cases?.count)).toEqual([16, 16, 16]);
    expect(parts.map((part) => part.cases?.failures)).toEqual([16, 0, 0]);
    expect(sentence).toContain('fails in 16 of 16 random cases');
  });

  it('would have reproduced a bound that held', () => {
    expect(decide([replaced('printed-excess', -0.1)], protocol).verdict).toBe('reproduced');
  });

  it.each(['equality-error', 'jacobian-error'])('notices a wrong %s', (quantity) => {
    const { parts } = decide([replaced(quantity, 1e-7)], protocol);
    expect(parts.filter(({ verdict }) => verdict === 'not-reproduced')).toHaveLength(2);
  });

  it('tells shares of each layer of the network between 0 and 1', () => {
    const shares = measured.filter(({ quantity }) => quantity.startsWith('share'));
    expect(shares.map(({ layer }) => layer)).toEqual(['dense1', 'dense1', 'dense2', 'dense2', 'dense3', 'dense3']);
    for (const { value } of shares) expect(value > 0 && value < 1).toBe(true);
  });
});
