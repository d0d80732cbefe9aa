/**
 * @file Max pooling of images [H, W, N, C]: first the maximum of each row of a window, then of those. Ties are settled
 * as ONNX's own gradient does it: the first maximum of a window, row by row, takes all. Both stages keep that order.
 * Other windows have the same two stages in a file of their own.
 */

import { counted } from '../../counted.ts';
import type { Value } from '../../graph/graph.ts';
import type { PhysicalBuilder, PhysicalValue } from '../../graph/physical.ts';
import { elementCount, type Shape, sizeAt } from '../../graph/tensor-type.ts';
import { areTiles } from '../../ops/pooling.ts';
import type { FastContext, Rule } from './context.ts';
import { binary, concat, heaviside, padAxes, reduce, reshape, slice } from './emit.ts';
import { storedShape } from '../../graph/stored-layout.ts';
import { addToMaxima, largestOfWindows, valuesAtMaxima } from './pool-windows.ts';
import { IMAGE } from './layout.ts';

/** The two stages over one image. */
interface Stages {
  /** [P · k · Q, k, N · C]: the pixels of each row of each window. */
  readonly pixels: PhysicalValue;
  /** [P, k, Q · N · C]: the largest of each row, by window. */
  readonly rows: PhysicalValue;
  /** [P, Q · N · C]: the largest of each window. */
  readonly top: PhysicalValue;
  /** [P, Q, N, C]. */
  readonly pooled: Shape;
}

export const maxPoolRule: Rule<'MaxPool'> = (c, { inputs, attrs }) => {
  if (!areTiles(attrs)) {
    return [{ value: largestOfWindows(c.b, c.read(inputAt(inputs, 0), IMAGE), attrs), perm: IMAGE }];
  }
  const { top, pooled } = stagesOf(c, inputAt(inputs, 0), attrs.kernel);
  return [{ value: reshape(c.b, top, pooled), perm: IMAGE }];
};

export const maxPoolGradRule: Rule<'MaxPoolGrad'> = (c, { inputs, attrs }) => {
  const { b } = c;
  if (!areTiles(attrs)) {
    const [x, g] = [c.read(inputAt(inputs, 0), IMAGE), c.read(inputAt(inputs, 1), IMAGE)];
    return [{ value: addToMaxima(b, x, g, attrs), perm: IMAGE }];
  }
  const { kernel } = attrs;
  const x = inputAt(inputs, 0);
  const { pixels, rows, top, pooled } = stagesOf(c, x, kernel);
  const [P, Q, N, C] = pooled as readonly [number, number, number, number];
  const toRows = distribute(b, rows, top, reshape(b, c.read(inputAt(inputs, 1), IMAGE), top.shape));
  const toPixels = distribute(b, pixels, flatRows(b, pixels, rows), flatRows(b, pixels, toRows));
  const covered = reshape(b, toPixels, [P * kernel, Q * kernel, N, C]);
  const [H, W] = [sizeAt(x.shape, 2), sizeAt(x.shape, 3)];
  return [{ value: padAxes(b, covered, [0, 0], [H - P * kernel, W - Q * kernel]), perm: IMAGE }];
};

export const maxPoolSelectRule: Rule<'MaxPoolSelect'> = (c, { inputs, attrs }) => {
  const { b } = c;
  if (!areTiles(attrs)) {
    const [x, v] = [c.read(inputAt(inputs, 0), IMAGE), c.read(inputAt(inputs, 1), IMAGE)];
    return [{ value: valuesAtMaxima(b, x, v, attrs), perm: IMAGE }];
  }
  const { kernel } = attrs;
  const { pixels, rows, top, pooled } = stagesOf(c, inputAt(inputs, 0), kernel);
  const v = windows(c, inputAt(inputs, 1), kernel);
  const fromPixels = select(b, pixels, flatRows(b, pixels, rows), v);
  const value = select(b, rows, top, reshape(b, fromPixels, rows.shape));
  return [{ value: reshape(b, value, pooled), perm: IMAGE }];
};

function stagesOf(c: FastContext, value: Value, kernel: number): Stages {
  const { b } = c;
  const [H, W, N, C] = storedShape(value.shape, IMAGE, b.block) as readonly [number, number, number, number];
  const [P, Q] = [Math.floor(H / kernel), Math.floor(W / kernel)];
  const pixels = windows(c, value, kernel);
  const rows = b.shared(pixels, `rows ${kernel}`, () =>
    reshape(b, reduce(b, 'ReduceMax', pixels, [1]), [P, kernel, Q * N * C]),
  );
  const top = b.shared(rows, 'top', () => reduce(b, 'ReduceMax', rows, [1]));
  return { pixels, rows, top, pooled: [P, Q, N, C] };
}

/** The pixels that windows cover, each row of a window by itself: [P · k · Q, k, N · C]. */
function windows(c: FastContext, value: Value, kernel: number): PhysicalValue {
  const x = c.read(value, IMAGE);
  const [H, W, N, C] = x.shape as readonly [number, number, number, number];
  const [P, Q] = [Math.floor(H / kernel), Math.floor(W / kernel)];
  return c.b.shared(x, `windows ${kernel}`, () => {
    const covered = slice(c.b, x, [
      { axis: 0, start: 0, end: P * kernel },
      { axis: 1, start: 0, end: Q * kernel },
    ]);
    return reshape(c.b, covered, [P * kernel * Q, kernel, N * C]);
  });
}

/** [P, k, Q · N · C] as one entry per row of a window: [P · k · Q, N · C]. */
function flatRows(b: PhysicalBuilder, pixels: PhysicalValue, rows: PhysicalValue): PhysicalValue {
  const count = sizeAt(pixels.shape, 0);
  return reshape(b, rows, [count, elementCount(rows.shape) / count]);
}

/** Element i of each group: x [A, k, B] → [A, B]. */
function element(b: PhysicalBuilder, x: PhysicalValue, i: number): PhysicalValue {
  const [A, , B] = x.shape as readonly [number, number, number];
  return reshape(b, slice(b, x, [{ axis: 1, start: i, end: i + 1 }]), [A, B]);
}

/** 1 where element i of a group is its maximum, else 0. */
function isTop(b: PhysicalBuilder, x: PhysicalValue, top: PhysicalValue, i: number): PhysicalValue {
  return heaviside(b, binary(b, 'Sub', element(b, x, i), top), 1);
}

/** g [A, B] given to the first maximum of each group of x [A, k, B]: what is left after a maximum has taken it is 0. */
function distribute(b: PhysicalBuilder, x: PhysicalValue, top: PhysicalValue, g: PhysicalValue): PhysicalValue {
  const [A, k, B] = x.shape as readonly [number, number, number];
  const parts: PhysicalValue[] = [];
  let rest = g;
  for (let i = 0; i < k - 1; i++) {
    const part = binary(b, 'Mul', rest, isTop(b, x, top, i));
    rest = binary(b, 'Sub', rest, part);
    parts.push(part);
  }
  return concat(
    b,
    [...parts, rest].map((part) => reshape(b, part, [A, 1, B])),
    1,
  );
}

/** v [A, k, B] at the first maximum of each group of x: [A, B]. */
function select(b: PhysicalBuilder, x: PhysicalValue, top: PhysicalValue, v: PhysicalValue): PhysicalValue {
  let chosen = element(b, v, sizeAt(x.shape, 1) - 1);
  for (let i = sizeAt(x.shape, 1) - 2; i >= 0; i--) {
    const here = isTop(b, x, top, i);
    const elsewhere = binary(b, 'Add', b.emit('Neg', [here], {}, here.shape), 1);
    chosen = binary(b, 'Add', binary(b, 'Mul', here, element(b, v, i)), binary(b, 'Mul', elsewhere, chosen));
  }
  return chosen;
}

function inputAt(inputs: readonly Value[], index: number): Value {
  const input = inputs[index];
  if (input === undefined)
    throw new RangeError(`Pooling must have an input ${index}, got ${counted(inputs.length, 'input')}`);
  return input;
}
