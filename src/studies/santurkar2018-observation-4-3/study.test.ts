/** @file The deviation against its closed form, and the verdict on mutated records. */

import { afterAll, describe, expect, it } from 'vitest';
import { threadlessLaboratory } from '../../../test/studies.ts';
import type { StepRecord } from '../../records/record.ts';
import { measure } from './measure.ts';
import { decide } from './study.ts';

const protocol = { seeds: 1, units: 4, sizes: [3, 7], inputs: 5, epsilons: [0, 0.1] };
const laboratory = threadlessLaboratory();
afterAll(() => laboratory.close());

const measured = await measure(laboratory, protocol, 0);

/** Values of a quantity at an epsilon. */
function of(quantity: string, epsilon: number): readonly number[] {
  return measured.filter((r) => r.quantity === quantity && r.at === epsilon).map(({ value }) => value);
}

/** Records with the numbers of one quantity replaced. */
function replaced(quantity: string, value: number): StepRecord[] {
  return measured.map((record) => (record.quantity === quantity ? { ...record, value } : record));
}

describe('santurkar2018/observation-4-3', () => {
  it('finds the activations the same in every case', () => {
    const { verdict, parts } = decide([measured], protocol);
    expect(verdict).toBe('reproduced');
    expect(parts.map((part) => part.cases?.count)).toEqual([8, 16]);
  });

  it('sees what an epsilon does to gamma = σ', () => {
    const shares = of('epsilon-share', 0.1);
    expect(of('deviation', 0.1)).toHaveLength(8);
    of('deviation', 0.1).forEach((deviation, i) => {
      expect(deviation).toBeCloseTo(1 - 1 / Math.sqrt(1 + (shares[i] as number)), 10);
    });
    expect(Math.min(...of('sigma-error', 0.1))).toBeGreaterThan(1e-8);
  });

  it('notices activations that differ', () => {
    for (const quantity of ['sigma-error', 'root-error']) {
      expect(decide([replaced(quantity, 1e-7)], protocol).verdict).toBe('not-reproduced');
    }
  });
});
