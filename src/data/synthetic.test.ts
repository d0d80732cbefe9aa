import { describe, expect, it } from 'vitest';
import { channelMoments, syntheticDataset } from './synthetic.ts';

const options = { classes: 3, shape: [2, 3, 5] as const, count: 11, seed: 1 };

describe('syntheticDataset()', () => {
  it('is a function of its options', () => {
    expect(syntheticDataset(options)).toEqual(syntheticDataset(options));
    const other = syntheticDataset({ ...options, seed: 2 });
    expect(other.train.images).not.toEqual(syntheticDataset(options).train.images);
    expect(other.checksum).not.toBe(syntheticDataset(options).checksum);
  });

  it('has the asked form, is labelled synthetic, and tests on other images than it trains on', () => {
    const { name, train, test, mean, std } = syntheticDataset(options);
    expect(name).toBe('synthetic');
    expect([train.count, train.images.length, train.labels.length]).toEqual([11, 330, 11]);
    expect([...train.labels.subarray(0, 5)]).toEqual([0, 1, 2, 0, 1]);
    expect(test.images).not.toEqual(train.images);
    expect([mean.length, std.length]).toEqual([2, 2]);
  });

  it('has images that lie nearer to their own class than to any other', () => {
    const { train } = syntheticDataset(options);
    const distance = (i: number, j: number): number => {
      const other = train.images.subarray(30 * j, 30 * j + 30);
      return train.images.subarray(30 * i, 30 * i + 30).reduce((sum, v, k) => sum + Math.abs(v - (other[k] ?? 0)), 0);
    };
    expect(distance(0, 3)).toBeLessThan(Math.min(distance(0, 1), distance(0, 2)));
  });
});

describe('channelMoments()', () => {
  it('gives mean and biased deviation of each channel over all images', () => {
    // Two images of [2, 1, 2]; channel 0 holds 0, 51, 102, 255, channel 1 holds 255 throughout.
    const images = Uint8Array.of(0, 51, 255, 255, 102, 255, 255, 255);
    const { mean, std } = channelMoments({ images, labels: new Uint8Array(2), count: 2 }, [2, 1, 2]);
    expect(mean).toEqual([0.4, 1]);
    expect(std[0]).toBeCloseTo(Math.sqrt((0.16 + 0.04 + 0 + 0.36) / 4), 12);
    expect(std[1]).toBeCloseTo(0, 7);
  });
});
