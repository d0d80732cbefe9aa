import { describe, expect, it } from 'vitest';
import { SettingError } from '../errors.ts';
import { subset } from './dataset.ts';

describe('subset()', () => {
  const split = {
    images: Uint8Array.from({ length: 15 }, (_, i) => i),
    labels: Uint8Array.of(4, 3, 2, 1, 0),
    count: 5,
  };

  it('holds the first examples', () => {
    const { images, labels, count } = subset(split, 2);
    expect([...images]).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...labels]).toEqual([4, 3]);
    expect(count).toBe(2);
  });

  it.each([0, 6, 1.5, Number.NaN])('throws on %d of 5 examples', (count) => {
    expect(() => subset(split, count)).toThrow(SettingError);
  });
});
