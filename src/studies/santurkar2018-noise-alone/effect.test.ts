import { describe, expect, it } from 'vitest';
import type { TrainingCurve } from '../training-curves.ts';
import { keptFromTraining } from './effect.ts';

function curve(finalAccuracy: number, divergedAt?: number): TrainingCurve {
  const empty: readonly number[] = [];
  const values = { loss: empty, accuracy: empty, runningLoss: empty, runningAccuracy: empty };
  return { ...values, finalAccuracy, testAccuracy: 0, divergedAt };
}

describe('keptFromTraining()', () => {
  it('is what noise leaves below a quarter of the gain over chance', () => {
    // A gain of 0.4: a quarter of it ends at 0.2.
    expect(keptFromTraining(curve(0.5), curve(0.1))).toBeCloseTo(0.1, 12);
    expect(keptFromTraining(curve(0.5), curve(0.2))).toBeCloseTo(0, 12);
    expect(keptFromTraining(curve(0.5), curve(0.45))).toBeCloseTo(-0.25, 12);
  });

  it('counts a training with noise that diverged as chance', () => {
    expect(keptFromTraining(curve(0.5), curve(0.6, 12))).toBeCloseTo(0.1, 12);
    expect(keptFromTraining(curve(0.5), curve(Number.NaN, 12))).toBeCloseTo(0.1, 12);
  });

  it('has no number where the standard network has learnt nothing, or has diverged', () => {
    expect(keptFromTraining(curve(0.2), curve(0.1))).toBeNaN();
    expect(keptFromTraining(curve(0.5, 30), curve(0.1))).toBeNaN();
  });
});
