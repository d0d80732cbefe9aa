import { describe, expect, it } from 'vitest';
import type { StepRecord } from '../../records/record.ts';
import { Records } from '../../records/records.ts';
import { startProtocols } from '../resnet-start.ts';
import {
  averageOver,
  batchesOf,
  explodes,
  explodesAt,
  isFlat,
  type RelativeLosses,
  usableStep,
} from './relative-losses.ts';

const protocol = { ...startProtocols.quick, learningRate: 1e-4, smallest: 1e-3, largest: 1e-1, sizes: 3 };
const losses = (...relative: number[]): RelativeLosses =>
  relative.map((value, i) => ({ multiple: 10 ** (i + 1), relative: value }));

describe('the usable step', () => {
  it.each([
    // Larger than before only behind the dip.
    [losses(0.9, 0.5, 1.1), 1e-1],
    [losses(1.2, 0.5, 1.1), 1e-1],
    [losses(0.9, 1.01, 0.9999), 1e-2],
    [losses(0.5, Number.NaN, Number.NaN), 1e-2],
    // Never larger: no further than has been looked.
    [losses(0.9, 0.8, 0.7), 1e-1],
    // Never smaller.
    [losses(1.1, 2, 3), 1e-3],
    [losses(Number.POSITIVE_INFINITY, Number.NaN, Number.NaN), 1e-3],
  ])('of %j is %d', (given, expected) => {
    expect(usableStep(given, protocol)).toBeCloseTo(expected, 12);
  });
});

describe('the exploding step', () => {
  it('is the smallest at which the loss is 1,000 times that before, or not finite', () => {
    expect(explodesAt(losses(0.9, 1001, 2), protocol)).toBeCloseTo(1e-2, 12);
    expect(explodesAt(losses(0.9, 1000, Number.NaN), protocol)).toBeCloseTo(1e-1, 12);
  });

  it('lies one ratio beyond the grid where there is none', () => {
    expect(explodesAt(losses(0.9, 1, 1000), protocol)).toBeCloseTo(1, 12);
    expect([explodes(losses(0.9, 1, 1000)), explodes(losses(1, 1, 1001))]).toEqual([false, true]);
  });
});

it('a loss is flat where no step size changes it by a quarter, and one that is no number is not', () => {
  expect([losses(0.8, 1, 1.25), losses(0.79, 1, 1), losses(1, 1.27), losses(1, Number.NaN)].map(isFlat)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

it('losses are taken relative to that before the step, batch by batch', () => {
  const record = (step: number, at: number, value: number): StepRecord => ({
    step,
    at,
    value,
    quantity: 'loss-along-step',
    definition: '',
    mode: 'train',
  });
  const records = new Records([record(0, 0, 4), record(0, 10, 2), record(3, 0, 5), record(3, 10, 20)]);
  expect(batchesOf(records)).toEqual([[{ multiple: 10, relative: 0.5 }], [{ multiple: 10, relative: 4 }]]);
  expect(averageOver(records, (one) => one[0]?.relative ?? 0)).toBe(2.25);
});
