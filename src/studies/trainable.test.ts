import { describe, expect, it } from 'vitest';
import { endAccuracy, trained } from './trainable.ts';
import type { TrainingCurve } from './training-curves.ts';

function curve(finalAccuracy: number, divergedAt?: number): TrainingCurve {
  const empty: readonly number[] = [];
  const values = { loss: empty, accuracy: empty, runningLoss: empty, runningAccuracy: empty };
  return { ...values, finalAccuracy, testAccuracy: 0, divergedAt };
}

const chance = { accuracy: 0.1, learnt: 0.1 };

describe('trained()', () => {
  it('asks for half of what the best gains over chance', () => {
    // The best gains 0.6: from 0.4 on one has trained.
    expect(trained([curve(0.7), curve(0.41), curve(0.39), curve(0.1)], chance)).toEqual([true, true, false, false]);
  });

  it('counts none that has diverged, and takes it for no best', () => {
    expect(trained([curve(0.9, 17), curve(0.5), curve(0.35)], chance)).toEqual([false, true, true]);
    expect(trained([curve(0.9, 17), curve(Number.NaN, 3)], chance)).toEqual([false, false]);
    expect(endAccuracy(curve(0.9, 17))).toBeNaN();
  });

  it('counts none where the best has learnt next to nothing', () => {
    expect(trained([curve(0.19), curve(0.12)], chance)).toEqual([false, false]);
    expect(trained([curve(0.21), curve(0.12)], chance)).toEqual([true, false]);
  });
});
