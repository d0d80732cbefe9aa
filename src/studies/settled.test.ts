import { describe, expect, it } from 'vitest';
import { isSettled } from './settled.ts';
import type { TrainingCurve } from './training-curves.ts';

const phase = { steps: 12, improvement: 0.1 };

function curve(loss: readonly number[], finalAccuracy = 0.5, divergedAt?: number): TrainingCurve {
  const empty: readonly number[] = [];
  const values = { accuracy: empty, runningLoss: empty, runningAccuracy: empty };
  return { loss, ...values, finalAccuracy, testAccuracy: 0, divergedAt };
}

/** Three steps at each of these losses. */
const quarters = (...losses: readonly number[]): readonly number[] => losses.flatMap((loss) => [loss, loss, loss]);

describe('isSettled()', () => {
  it('holds the last quarter before the rate falls against the quarter before', () => {
    expect(isSettled(curve(quarters(4, 3, 2, 1.9)), phase)).toBe(true);
    expect(isSettled(curve(quarters(4, 3, 2, 1.7)), phase)).toBe(false);
    expect(isSettled(curve(quarters(4, 3, 2, 2.5)), phase)).toBe(true);
  });

  it('does not look at what follows, when a small rate holds any loss still', () => {
    expect(isSettled(curve(quarters(4, 3, 2, 1.9, 1, 0.5)), phase)).toBe(true);
    expect(isSettled(curve(quarters(4, 3, 2, 1.7, 1.7, 1.7)), phase)).toBe(false);
  });

  it('is content with 95 % of what is trained on, and never with a training that diverged', () => {
    expect(isSettled(curve(quarters(4, 3, 2, 1), 0.95), phase)).toBe(true);
    expect(isSettled(curve(quarters(4, 3, 2, 1), 0.94), phase)).toBe(false);
    expect(isSettled(curve(quarters(4, 3, 2, 1.9), 0.99, 11), phase)).toBe(false);
  });

  it('is not content with a training that has no such steps', () => {
    expect(isSettled(curve([]), phase)).toBe(false);
  });
});
