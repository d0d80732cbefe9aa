import { describe, expect, it } from 'vitest';
import { recordOf } from '../../../test/studies.ts';
import { Records } from '../../records/records.ts';
import { batchSharpnessOver, lastHalf, levelsOf, stretchMeans } from './levels.ts';

describe('stretchMeans()', () => {
  it('has one mean per stretch of steps, however many were measured in it', () => {
    expect(stretchMeans({ x: [0, 3, 6, 9, 10, 24], y: [1, 3, 5, 7, 8, 2] }, 10)).toEqual({
      x: [0, 10, 20],
      y: [4, 8, 2],
    });
  });

  it('has none where a value is no number', () => {
    expect(stretchMeans({ x: [0, 1, 10], y: [1, Number.NaN, 2] }, 10)).toEqual({ x: [0, 10], y: [Number.NaN, 2] });
  });
});

// Means of 4, 9 and 12 over ten steps each; weighted by ‖g‖² they are 4.5, 9 and 12.
const training = new Records([
  ...[3, 5, 8, 10, 11, 13].map((value, i) => recordOf('batch-sharpness', 5 * i, value)),
  ...[1, 3, 2, 2, 4, 4].map((value, i) => recordOf('batch-gradient-square', 5 * i, value)),
  ...[2, 3, 5, 7].map((value, i) => recordOf('data-sharpness', 10 * i, value)),
]);

it('batchSharpnessOver() averages ratios, or divides averages', () => {
  expect(batchSharpnessOver(training, 10, 'mean of ratios')).toEqual({ x: [0, 10, 20], y: [4, 9, 12] });
  expect(batchSharpnessOver(training, 10, 'ratio of means')).toEqual({ x: [0, 10, 20], y: [4.5, 9, 12] });
});

describe('levelsOf()', () => {
  it('takes λ over the steps at which batch sharpness is at the edge', () => {
    // At rate 0.2 the edge is 10, at which the third stretch arrives.
    const levels = levelsOf(training, { rate: 0.2, stretch: 10, arrival: 0.95 });
    expect(levels['mean of ratios']).toBeCloseTo(1.2, 12);
    expect(levels['ratio of means']).toBeCloseTo(1.2, 12);
    expect(levels.largest).toBeCloseTo(0.6, 12);
  });

  it('judges each reading from its own arrival on', () => {
    const levels = levelsOf(training, { rate: 0.43, stretch: 10, arrival: 0.95 });
    expect(levels['mean of ratios']).toBeCloseTo((0.43 / 2) * ((9 + 12) / 2), 12);
    expect(levels['ratio of means']).toBeCloseTo((0.43 / 2) * 9, 12);
  });

  it('has no number of a training that does not come there, or diverges', () => {
    const none = { 'mean of ratios': Number.NaN, 'ratio of means': Number.NaN, largest: Number.NaN };
    expect(levelsOf(training, { rate: 0.1, stretch: 10, arrival: 0.95 })).toEqual(none);
    const apart = new Records([...training.all, recordOf('diverged', 29, 29)]);
    expect(levelsOf(apart, { rate: 0.2, stretch: 10, arrival: 0.95 })).toEqual(none);
  });
});

describe('lastHalf()', () => {
  it('is of the stretches from the middle on', () => {
    expect(lastHalf(training, { rate: 0.2, stretch: 10, reading: 'mean of ratios' })).toBeCloseTo(
      (9 + 12) / 2 / 10,
      12,
    );
    expect(lastHalf(training, { rate: 0.2, stretch: 5, reading: 'ratio of means' })).toBeCloseTo(11 / 10, 12);
  });

  it('is no number of a training that diverges', () => {
    const apart = new Records([...training.all, recordOf('diverged', 29, 29)]);
    expect(lastHalf(apart, { rate: 0.2, stretch: 10, reading: 'mean of ratios' })).toBeNaN();
  });
});
