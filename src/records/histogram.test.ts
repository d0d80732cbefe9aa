import { describe, expect, it } from 'vitest';
import { binCentre, HISTOGRAM_BINS, histogramsOf, quantileOf } from './histogram.ts';
import type { StepRecord } from './record.ts';

const about = { step: 3, layer: 'conv1', definition: 'made up', mode: 'train' } as const;
const count = (bin: number, value: number): StepRecord => ({
  ...about,
  quantity: 'activation-count',
  at: binCentre(bin),
  value,
});
const largest = (value: number): StepRecord => ({ ...about, quantity: 'activation-largest', value });

describe('histogramsOf()', () => {
  it('puts every count into its bin, and makes edges of the largest magnitude', () => {
    const filled = Array.from({ length: HISTOGRAM_BINS }, (_, bin) => bin);
    const [histogram, ...others] = histogramsOf([largest(6.5), ...filled.map((bin) => count(bin, bin + 1))]);
    expect(others).toEqual([]);
    expect(histogram?.counts).toEqual(filled.map((bin) => bin + 1));
    expect(histogram?.edges).toHaveLength(HISTOGRAM_BINS + 1);
    histogram?.edges.forEach((edge, i) => expect(edge).toBeCloseTo(-6.5 + 0.2 * i, 12));
  });

  it('keeps steps, layers, quantities, places and probes apart, in their order', () => {
    const differ: Partial<StepRecord>[] = [
      {},
      { step: 4 },
      { layer: 'conv2' },
      { quantity: 'gradient' },
      { place: { unit: 1 } },
      { probe: 1 },
      { mode: 'eval' },
    ];
    const records = differ.flatMap(({ quantity = 'activation', ...change }, i): StepRecord[] => [
      { ...count(32, i + 1), ...change, quantity: `${quantity}-count` },
      { ...largest(i + 1), ...change, quantity: `${quantity}-largest` },
    ]);
    const found = histogramsOf(records);
    expect(found.map(({ counts, edges }) => [counts[32], edges.at(-1)])).toEqual(differ.map((_, i) => [i + 1, i + 1]));
  });

  it('leaves out what has no bins: all zeros, values that are not finite, a largest that is not there', () => {
    for (const limit of [0, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(histogramsOf([largest(limit), count(32, 5)])).toEqual([]);
    }
    expect(histogramsOf([count(32, 5)])).toEqual([]);
  });
});

describe('quantileOf()', () => {
  it('spreads the values of a bin evenly', () => {
    const histogram = { edges: [-1, 0, 2, 3], counts: [1, 0, 3] };
    expect([0, 0.125, 0.25, 0.5, 1].map((share) => quantileOf(histogram, share))).toEqual([
      -1,
      -0.5,
      0,
      expect.closeTo(2 + 1 / 3, 12),
      3,
    ]);
  });
});
