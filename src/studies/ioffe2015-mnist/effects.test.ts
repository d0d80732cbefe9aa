import { describe, expect, it } from 'vitest';
import type { StepRecord } from '../../records/record.ts';
import { Records } from '../../records/records.ts';
import { area, instability, stepsToAccuracy } from './effects.ts';

const train = { definition: 'made up', mode: 'train' } as const;

function evaluations(accuracies: readonly number[]): Records {
  return new Records(
    accuracies.map((value, i) => ({
      step: 100 * (i + 1),
      quantity: 'test-accuracy',
      value,
      definition: 'made up',
      mode: 'eval',
    })),
  );
}

describe('area() and stepsToAccuracy()', () => {
  it('average all evaluations, and find the first of 95 %', () => {
    expect(area(evaluations([0.2, 0.9, 0.97, 0.95]))).toBeCloseTo(0.755, 12);
    expect(stepsToAccuracy(evaluations([0.2, 0.9, 0.97, 0.95]), 400)).toBe(300);
    expect(stepsToAccuracy(evaluations([0.2, 0.949]), 200)).toBe(200);
  });
});

/** 100 measurements, one every 10 of 1000 steps, of one unit whose percentiles are a centre ± 1. */
function unit(id: number, centre: (step: number) => number): readonly StepRecord[] {
  return Array.from({ length: 100 }, (_, i) => 10 * i).flatMap((step) =>
    [15, 50, 85].map((at, j) => ({
      step,
      quantity: 'activation-percentile',
      layer: 'dense3',
      at,
      place: { unit: id },
      value: centre(step) + j - 1,
      ...train,
    })),
  );
}

describe('instability()', () => {
  it('is the deviation of the percentiles over training, in units of the distance between the outer two at its end', () => {
    // Half of the time at 0, half of it at 4: deviation 2, distance 2. What happens in the first 1 % does not count.
    const jumping = unit(3, (step) => (step < 10 ? 1e6 : step < 505 ? 0 : 4));
    expect(instability(new Records(jumping), 1000)).toBeCloseTo(1, 2);
    const still = unit(4, () => 7);
    expect(instability(new Records(still), 1000)).toBe(0);
    expect(instability(new Records([...jumping, ...still]), 1000)).toBeCloseTo(0.5, 2);
  });

  it('is about single units: percentiles of whole layers are left out', () => {
    const whole = unit(0, (step) => step).map(({ place: _place, ...record }) => record);
    expect(instability(new Records([...unit(4, () => 7), ...whole]), 1000)).toBe(0);
  });
});
