import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { syntheticDataset } from '../data/synthetic.ts';
import { SettingError } from '../errors.ts';
import { labSubset } from './subset.ts';

const dataset = syntheticDataset({ classes: 3, shape: [1, 5, 3], count: 7, seed: 4 });
const real = { ...dataset, name: 'mnist', source: 'a good place' } as const;

describe('labSubset()', () => {
  it('holds the first examples of each split, with the checksum of their bytes', () => {
    const { train, test, checksum, ...rest } = labSubset(real, { train: 5, test: 2 });
    expect([train.count, test.count]).toEqual([5, 2]);
    expect(train.images).toEqual(real.train.images.slice(0, 75));
    expect(test.labels).toEqual(real.test.labels.slice(0, 2));
    const hash = createHash('sha256');
    for (const { images, labels } of [train, test]) hash.update(images).update(labels);
    expect(checksum).toBe(hash.digest('hex'));
    expect(rest).toEqual({
      name: 'mnist',
      classes: 3,
      shape: [1, 5, 3],
      mean: real.mean,
      std: real.std,
      source: 'the first 5 + 2 of 7 + 7 images of mnist from a good place',
    });
  });

  it('keeps the checksum of made-up images a description', () => {
    expect(labSubset(dataset, { train: 5, test: 2 }).checksum).toBe(
      `${dataset.checksum}: the first 5 + 2 of 7 + 7 images`,
    );
  });

  it.each([0, 8, 1.5])('throws on %d of 7 examples', (count) => {
    expect(() => labSubset(dataset, { train: count, test: 1 })).toThrow(SettingError);
    expect(() => labSubset(dataset, { train: 1, test: count })).toThrow(SettingError);
  });
});
