import { describe, expect, it } from 'vitest';
import { createStream } from '../math/random.ts';
import { type BatchStatistics, pool, stalenessOf } from './population.ts';

/** 5 batches of 7 values of 2 channels, whose second wanders from batch to batch. */
const [batches, perBatch] = [5, 7];
const values = Array.from({ length: 2 }, (_, channel) => {
  const numbers = new Float64Array(batches * perBatch);
  createStream({ seed: 1, purpose: 'probe', layer: `channel-${channel}` }).fillNormal(numbers, 3, 2);
  return numbers.map((value, i) => value + channel * 10 * Math.floor(i / perBatch));
});

const meanOf = (numbers: Float64Array): number => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
const varianceOf = (numbers: Float64Array, less = 0): number =>
  numbers.reduce((sum, x) => sum + (x - meanOf(numbers)) ** 2, 0) / (numbers.length - less);

const statistics: readonly BatchStatistics[] = Array.from({ length: batches }, (_, batch) => {
  const parts = values.map((numbers) => numbers.subarray(batch * perBatch, (batch + 1) * perBatch));
  return { mean: parts.map(meanOf), variance: parts.map((part) => varianceOf(part)) };
});

describe('pool()', () => {
  it('gives mean and unbiased variance of all values at once, from means and biased variances of batches', () => {
    const { mean, variance, wander } = pool(statistics, perBatch);
    for (const [channel, numbers] of values.entries()) {
      expect(mean[channel]).toBeCloseTo(meanOf(numbers), 12);
      expect(variance[channel]).toBeCloseTo(varianceOf(numbers, 1), 10);
      const means = Float64Array.from(statistics, (batch) => batch.mean[channel] as number);
      expect(wander[channel]).toBeCloseTo(Math.sqrt(varianceOf(means, 1) / varianceOf(numbers, 1)), 12);
    }
  });
});

describe('stalenessOf()', () => {
  const population = pool(statistics, perBatch);

  it('is 0 for the population’s own, and counts means in deviations and variances in powers of 2', () => {
    const { mean, variance } = population;
    expect(stalenessOf({ mean, variance }, population, 1e-5)).toEqual({ distance: 0, ratio: 0 });
    const off = {
      mean: mean.map((m, c) => m + 3 * Math.sqrt(variance[c] as number)),
      variance: variance.map((v) => v / 8),
    };
    const { distance, ratio } = stalenessOf(off, population, 1e-9);
    expect(distance).toBeCloseTo(3, 12);
    expect(ratio).toBeCloseTo(3, 6);
  });

  it('leaves constant channels out, and is no number for statistics that are none', () => {
    const constant = pool(
      [1, 2].map(() => ({ mean: [4, 4], variance: [0, 0] })),
      3,
    );
    expect(stalenessOf({ mean: [9, 9], variance: [9, 9] }, constant, 1e-5)).toEqual({ distance: 0, ratio: 0 });
    expect(stalenessOf({ mean: [Number.NaN, 0], variance: [1, 1] }, population, 1e-5).distance).toBeNaN();
  });
});
