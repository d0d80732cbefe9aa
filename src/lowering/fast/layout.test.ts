import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PhysicalBuilder } from '../../graph/physical.ts';
import { elementCount } from '../../graph/tensor-type.ts';
import { identity, storedShape } from '../../graph/stored-layout.ts';
import { toLogical, toStored } from '../../runtime/tensor-data.ts';
import { asLayout, BLOCKED, BLOCKED_WEIGHT, IMAGE, NARROW_WEIGHT, storedData, WEIGHT } from './layout.ts';
import { reshapedLayout } from './reshape.ts';

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 });
const permOf = (rank: number): fc.Arbitrary<number[]> => fc.shuffledSubarray([...identity(rank)], { minLength: rank });
const counting = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

/** A shape with the same number of elements: random neighbours merged, sizes split, ones put in. */
function reshaped(shape: readonly number[], choices: readonly number[]): readonly number[] {
  const next: number[] = [];
  shape.forEach((size, i) => {
    const choice = choices[i % choices.length] ?? 0;
    const last = next.at(-1);
    if (choice === 1 && last !== undefined) next[next.length - 1] = last * size;
    else if (choice === 2) next.push(1, size);
    else if (choice === 3 && size === 4) next.push(2, 2);
    else next.push(size);
  });
  return next;
}

describe('storedData()', () => {
  it('puts element (n, c, h, w) at (h, w, n, c) in the layout of images', () => {
    const [N, C, H, W] = [2, 3, 4, 5];
    const data = storedData(counting(N * C * H * W), [N, C, H, W], IMAGE, 1);
    const [n, c, h, w] = [1, 2, 3, 1];
    expect(data[((h * W + w) * N + n) * C + c]).toBe(((n * C + c) * H + h) * W + w);
  });
});

describe.each([8, 16] as const)('storedData(), with channels in blocks of B = %i', (block) => {
  it('puts element (n, c, h, w) at (n, c / B, h, w, c mod B)', () => {
    const [N, C, H, W] = [2, 48, 3, 5];
    const data = storedData(counting(N * C * H * W), [N, C, H, W], BLOCKED, block);
    const [n, c, h, w] = [1, 37, 2, 3];
    const place = (((n * (C / block) + Math.floor(c / block)) * H + h) * W + w) * block + (c % block);
    expect(data[place]).toBe(((n * C + c) * H + h) * W + w);
  });

  it('puts tap (r, s) from c to k at (k / B, c / B, r, s, c mod B, k mod B)', () => {
    const [K, C, R, S] = [32, 48, 3, 2];
    const data = storedData(counting(K * C * R * S), [K, C, R, S], BLOCKED_WEIGHT, block);
    const [k, c, r, s] = [19, 33, 2, 1];
    const pair = ((Math.floor(k / block) * (C / block) + Math.floor(c / block)) * R + r) * S + s;
    expect(data[(pair * block + (c % block)) * block + (k % block)]).toBe(((k * C + c) * R + r) * S + s);
  });

  it('is what the host makes of a tensor that is written to a session, and back', () => {
    for (const perm of [BLOCKED, BLOCKED_WEIGHT, NARROW_WEIGHT, IMAGE]) {
      const shape = [32, 16, 3, 5];
      const logical = Float32Array.from(counting(elementCount(shape)));
      const stored = toStored(logical, storedShape(shape, perm, block), perm);
      expect([...stored]).toEqual(storedData(counting(elementCount(shape)), shape, perm, block));
      expect(toLogical(stored, storedShape(shape, perm, block), perm)).toEqual(logical);
    }
  });
});

describe('reshapedLayout()', () => {
  it('describes the same memory under both shapes', () => {
    const cases = shapes.chain((shape) =>
      fc.tuple(fc.constant(shape), permOf(shape.length), fc.array(fc.nat(3), { minLength: 1, maxLength: 5 })),
    );
    fc.assert(
      fc.property(cases, ([shape, perm, choices]) => {
        const to = reshaped(shape, choices);
        const layout = reshapedLayout(shape, perm, to, identity(to.length));
        // What lies in logical order can be reshaped to anything.
        const data = counting(elementCount(shape));
        const stored = storedData(data, shape, perm, 1);
        const isKept =
          layout === undefined
            ? perm.join() !== identity(perm.length).join()
            : storedData(data, to, layout, 1).join() === stored.join();
        expect(isKept).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('finds every reshape that only adds or drops axes of size 1, whatever the layout', () => {
    expect(reshapedLayout([5, 7, 1, 1], IMAGE, [5, 7], identity(2))).toEqual([0, 1]);
    expect(reshapedLayout([7], [0], [1, 7, 1, 1], IMAGE)).toEqual(IMAGE);
    expect(reshapedLayout([2, 3, 5], [2, 0, 1], [2, 1, 3, 5], IMAGE)).toEqual([1, 3, 0, 2]);
  });

  it('splits channels into groups in place, and refuses to merge what lies apart', () => {
    expect(reshapedLayout([2, 6, 3, 5], IMAGE, [2, 2, 3, 3, 5], identity(5))).toEqual([3, 4, 0, 1, 2]);
    expect(reshapedLayout([2, 6, 3, 5], IMAGE, [2, 90], identity(2))).toBeUndefined();
  });
});

describe('asLayout()', () => {
  const convert = (shape: readonly number[], from: readonly number[], to: readonly number[]): readonly string[] => {
    const b = new PhysicalBuilder(16);
    const value = b.value({ dtype: 'float32', shape: storedShape(shape, from, b.block) }, 'x');
    expect(asLayout(b, { value, perm: from }, to).shape).toEqual(storedShape(shape, to, b.block));
    return b.nodes.map(({ op }) => op);
  };

  it('emits nothing, a Reshape or one Transpose of merged axes', () => {
    expect(convert([2, 3, 4, 5], IMAGE, IMAGE)).toEqual([]);
    expect(convert([1, 3, 1, 1], identity(4), IMAGE)).toEqual(['Reshape']);
    expect(convert([7, 3, 1, 1], WEIGHT, identity(4))).toEqual(['Reshape', 'Transpose', 'Reshape']);
    expect(convert([2, 3, 4, 5], identity(4), IMAGE)).toEqual(['Reshape', 'Transpose', 'Reshape']);
    // The third is read by nobody, and is dropped with all such nodes.
    expect(convert([2, 32, 4, 5], BLOCKED, IMAGE)).toEqual(['Reshape', 'Transpose', 'Reshape', 'Reshape']);
  });
});
