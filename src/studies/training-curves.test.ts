import { describe, expect, it } from 'vitest';
import { Records } from '../records/records.ts';
import { curveOf, runningMean, stepsTo } from './training-curves.ts';

describe('runningMean()', () => {
  it('covers the last 20 values, this one included, and fewer at the start', () => {
    const values = Array.from({ length: 50 }, (_, i) => i);
    const means = runningMean(values);
    expect(means.slice(0, 3)).toEqual([0, 0.5, 1]);
    expect(means[18]).toBe(9);
    expect(means[19]).toBe(9.5);
    expect(means[20]).toBe(10.5);
    expect(means[49]).toBe((30 + 49) / 2);
    expect(runningMean([])).toEqual([]);
  });
});

/** A training whose batches have these accuracies. */
function curve(accuracies: readonly number[]): ReturnType<typeof curveOf> {
  const about = { definition: 'made up', mode: 'train' } as const;
  return curveOf(
    new Records([
      ...accuracies.flatMap((value, step) => [
        { step, quantity: 'accuracy', value, ...about },
        { step, quantity: 'loss', value: 1 - value, ...about },
      ]),
      { step: accuracies.length, quantity: 'test-accuracy', value: 0.7, definition: 'made up', mode: 'eval' },
    ]),
  );
}

describe('curveOf()', () => {
  it('reads losses, accuracies, their running means, and the last evaluation', () => {
    const { loss, accuracy, runningAccuracy, finalAccuracy, testAccuracy, divergedAt } = curve([0, 0.5, 1]);
    expect([loss, accuracy]).toEqual([
      [1, 0.5, 0],
      [0, 0.5, 1],
    ]);
    expect(runningAccuracy).toEqual([0, 0.25, 0.5]);
    expect([finalAccuracy, testAccuracy, divergedAt]).toEqual([0.5, 0.7, undefined]);
  });
});

describe('stepsTo()', () => {
  it('finds the first full running mean that is high enough, and the last step where there is none', () => {
    const steady = curve(Array.from({ length: 60 }, (_, step) => (step < 30 ? 0.2 : 0.8)));
    // Half-way after ten of the higher ones: step 39.
    expect(stepsTo(0.5, steady, 60)).toBe(39);
    expect(stepsTo(0.81, steady, 60)).toBe(60);
    expect(stepsTo(0.1, steady, 60)).toBe(19);
  });
});
