import { describe, expect, it } from 'vitest';
import { bulk, matrixWith } from '../../test/known-matrix.ts';
import { followLargest } from './followed.ts';

const settings = { first: 30, seed: 3 };

/** A matrix whose largest eigenvalue moves from look to look, while its eigenvectors turn a little. */
function turning(look: number): ReturnType<typeof matrixWith> & { readonly largest: number } {
  const [slow, largest] = [matrixWith([...bulk, -5, 2 + 0.1 * look]), 2 + 0.1 * look];
  const mixed = (v: Float64Array, back: number): Float64Array => {
    const [c, s] = [Math.cos(0.05 * look), back * Math.sin(0.05 * look)];
    const turned = v.slice();
    for (let i = 0; i + 1 < v.length; i += 2) {
      const [a = Number.NaN, b = Number.NaN] = [v[i], v[i + 1]];
      turned[i] = c * a - s * b;
      turned[i + 1] = s * a + c * b;
    }
    return turned;
  };
  return { ...slow, largest, apply: async (v) => mixed(await slow.apply(mixed(v, -1)), 1) };
}

describe('followLargest()', () => {
  it('keeps with the largest eigenvalue of a matrix that turns, by one product each, and below it', async () => {
    let next: Float64Array | undefined;
    for (let look = 0; look < 25; look++) {
      const operator = turning(look);
      const found = await followLargest(operator, next, { ...settings, step: look });
      next = found.next;
      expect(found.value).toBeLessThanOrEqual(operator.largest + 1e-12);
      expect(found.value / operator.largest, `look ${look}`).toBeGreaterThan(0.98);
      expect(found.residual).toBeGreaterThanOrEqual(operator.largest - found.value - 1e-12);
    }
  });

  it('takes as many products as it says', async () => {
    const operator = matrixWith([...bulk, 3]);
    const { next } = await followLargest(operator, undefined, settings);
    expect(operator.products).toBe(30);
    await followLargest(operator, next, settings);
    expect(operator.products).toBe(31);
    await followLargest(operator, next, { ...settings, further: 4 });
    expect(operator.products).toBe(35);
  });

  it('turns to an eigenvector that has overtaken', async () => {
    const before = matrixWith([...bulk, 2, 4]);
    let { next } = await followLargest(before, undefined, settings);
    const after = matrixWith([...bulk, 8, 4]);
    let value = 0;
    for (let look = 1; look < 40; look++)
      ({ value, next } = await followLargest(after, next, { ...settings, step: look }));
    expect(value).toBeCloseTo(8, 2);
  });

  it('turns to it sooner by more products', async () => {
    const looks = async (further: number): Promise<number> => {
      let { next } = await followLargest(matrixWith([...bulk, 3.5, 4]), undefined, settings);
      const after = matrixWith([...bulk, 5, 4]);
      for (let look = 1; look < 100; look++) {
        const found = await followLargest(after, next, { ...settings, further, step: look });
        if (found.value > 0.95 * 5) return look;
        next = found.next;
      }
      return Number.POSITIVE_INFINITY;
    };
    const [one, four] = [await looks(1), await looks(4)];
    expect(one).toBeGreaterThan(20);
    expect(four).toBeLessThan(one / 4);
  });

  it('starts anew after what is no number, and takes the matrix of zeros', async () => {
    const broken = { size: 5, apply: async (v: Float64Array) => v.map(() => Number.NaN) };
    for (const start of [undefined, Float64Array.of(1, 0, 0, 0, 0)]) {
      const { value, next } = await followLargest(broken, start, settings);
      expect([value, next]).toEqual([Number.NaN, undefined]);
    }
    const zero = { size: 5, apply: async (v: Float64Array) => v.map(() => 0) };
    const { value, residual, next } = await followLargest(zero, Float64Array.of(1, 0, 0, 0, 0), settings);
    expect([value, residual, next?.length]).toEqual([0, 0, 5]);
  });
});
