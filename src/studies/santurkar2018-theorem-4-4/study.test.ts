/** @file The three forms against numbers by hand and the verdict on mutated records. */

import { afterAll, describe, expect, it } from 'vitest';
import { threadlessLaboratory } from '../../../test/studies.ts';
import type { StepRecord } from '../../records/record.ts';
import { compare, measure, termsOf } from './measure.ts';
import { decide } from './study.ts';

const protocol = { seeds: 1, units: 5, sizes: [4, 7], inputs: 3, lossScales: [0.01, 1] };
const laboratory = threadlessLaboratory();
afterAll(() => laboratory.close());

const measured = await measure(laboratory, protocol, 0);

/** Records with the numbers of one quantity replaced. */
function replaced(records: readonly StepRecord[], quantities: readonly string[], value: number): StepRecord[] {
  return records.map((record) => (quantities.includes(record.quantity) ? { ...record, value } : record));
}

describe('compare()', () => {
  // y = (−2, −2, 2, 2): σ = 2, ŷ = y/2; gamma = 6, so the gain is 9; ‖ĝ‖² = 102, m μ² = 64, ⟨ĝ, ŷ⟩² = 100; λ² = 4, c = 2.
  const terms = termsOf({ y: Float64Array.of(-2, -2, 2, 2), gamma: 6, ghat: Float64Array.of(1, 2, 4, 9) }, 2);

  it('has each form of the right side', () => {
    expect(terms).toEqual({ gain: 9, whole: 408, alongOne: 256, alongYhat: 400 });
    const without = 4 * 408;
    const withNorm = 9 * (without - 4 * 256 - 400);
    const forms = compare(terms, { lambda: 2, m: 4, withNorm, without });
    const scale = 9 * 4 * 408;
    expect(forms['consistent-error']).toBeLessThan(1e-15);
    expect(forms['printed-excess']).toBeCloseTo((withNorm - 9 * (without ** 2 - 256 - 1600)) / scale, 10);
    expect(forms['length-excess']).toBeCloseTo((withNorm - 9 * (without - 256 - 1600)) / scale, 12);
  });
});

describe('santurkar2018/theorem-4-4', () => {
  it('finds the printed form false in small units, the consistent one an equality, and the bound for a given X true', () => {
    const { verdict, parts } = decide([measured], protocol);
    expect(verdict).toBe('not-reproduced');
    expect(parts.map((part) => part.verdict)).toEqual(['not-reproduced', 'not-reproduced', 'reproduced', 'reproduced']);
    expect(parts.map((part) => part.cases?.count)).toEqual([40, 40, 40, 20]);
  });

  it('finds the reading with g_j alike in all units', () => {
    const excesses = (c: number): readonly number[] =>
      measured.filter((r) => r.quantity === 'length-excess' && r.at === c).map((r) => r.value);
    excesses(1).forEach((excess, i) => expect(excesses(0.01)[i]).toBeCloseTo(excess, 9));
  });

  it('would have reproduced a bound that held, and notices each form that is off', () => {
    const held = replaced(measured, ['printed-excess', 'length-excess'], -0.1);
    expect(decide([held], protocol).verdict).toBe('reproduced');
    for (const quantity of ['consistent-error', 'concrete-excess']) {
      expect(decide([replaced(held, [quantity], 1e-7)], protocol).verdict).toBe('not-reproduced');
    }
  });
});
