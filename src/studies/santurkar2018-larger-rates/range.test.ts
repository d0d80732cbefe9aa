import { describe, expect, it } from 'vitest';
import type { TrainingCurve } from '../training-curves.ts';
import { rangeOf } from './range.ts';

const chance = { accuracy: 0.1, learnt: 0.1 };

function at(rate: number, finalAccuracy: number, divergedAt?: number): { rate: number; curve: TrainingCurve } {
  const empty: readonly number[] = [];
  const values = { loss: empty, accuracy: empty, runningLoss: empty, runningAccuracy: empty };
  return { rate, curve: { ...values, finalAccuracy, testAccuracy: 0, divergedAt } };
}

describe('rangeOf()', () => {
  it('finds the largest rate at which an arm trains', () => {
    const range = rangeOf([at(0.1, 0.6), at(0.2, 0.5), at(0.4, 0.2), at(0.8, 0.9, 4)], chance);
    expect(range).toEqual({ largest: 0.2, isCensored: false, holes: [] });
  });

  it('says where the grid ends before the arm does, and where a smaller rate fails', () => {
    const range = rangeOf([at(0.1, 0.6), at(0.2, 0.1), at(0.4, 0.3, 2), at(0.8, 0.6)], chance);
    expect(range).toEqual({ largest: 0.8, isCensored: true, holes: [0.2, 0.4] });
  });

  it('has no largest rate where the arm trains at none', () => {
    expect(rangeOf([at(0.1, 0.12), at(0.2, 0.1)], chance)).toEqual({
      largest: Number.NaN,
      isCensored: false,
      holes: [],
    });
  });
});
