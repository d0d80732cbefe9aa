import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BlockSize, identity, isIdentity, logicalShape, storedShape, unsplit } from './stored-layout.ts';

/** Layouts of rank 4 with none, one or two split axes, and shapes that they fit. */
const cases = fc
  .record({
    order: fc.shuffledSubarray([...identity(4)], { minLength: 4 }),
    split: fc.uniqueArray(fc.nat(3), { maxLength: 2 }),
    sizes: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 4 }),
    block: fc.constantFrom<BlockSize>(8, 16),
  })
  .map(({ order, split, sizes, block }) => ({
    block,
    perm: [...order, ...split],
    shape: sizes.map((size, axis) => (split.includes(axis) ? block * size : size)),
  }));

describe('storedShape() and logicalShape()', () => {
  it('undo one another, whichever axes are split', () => {
    fc.assert(
      fc.property(cases, ({ perm, shape, block }) => {
        expect(logicalShape(storedShape(shape, perm, block), perm)).toEqual(shape);
      }),
    );
  });

  it('cut channels in blocks, and leave a size of 1, which broadcasts', () => {
    expect(storedShape([5, 48, 7, 3], [0, 1, 2, 3, 1], 16)).toEqual([5, 3, 7, 3, 16]);
    expect(storedShape([5, 48, 7, 3], [0, 1, 2, 3, 1], 8)).toEqual([5, 6, 7, 3, 8]);
    expect(storedShape([5, 1, 7, 3], [0, 1, 2, 3, 1], 16)).toEqual([5, 1, 7, 3, 1]);
  });
});

describe('unsplit()', () => {
  it('moves the axes of [K/16, 16, C/16, 16, R, S] to where a blocked weight has them', () => {
    expect(unsplit([0, 1, 2, 3, 1, 0])).toEqual([0, 2, 4, 5, 3, 1]);
  });

  it('is a permutation, and leaves a layout without split axes alone', () => {
    fc.assert(
      fc.property(cases, ({ perm }) => {
        const order = unsplit(perm);
        expect(order.toSorted((a, b) => a - b)).toEqual(identity(perm.length));
        expect(perm.length === 4 ? order : perm).toEqual(perm);
      }),
    );
    expect(isIdentity([0, 1, 2, 3])).toBe(true);
    expect(isIdentity([0, 1, 2, 3, 1])).toBe(false);
  });
});
