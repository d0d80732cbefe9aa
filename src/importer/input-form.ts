/** @file From images as data sets have them to what a file's network is fed: other axes, other scaling. */

import { ShapeError } from '../errors.ts';
import { add, alongChannels, mul, reshape } from '../graph/arithmetic.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import { elementCount, sameShape, type Shape } from '../graph/tensor-type.ts';

/** y = factor · x + offset, one of each per channel of [N, C, …]. */
export interface InputScaling {
  readonly factor: readonly number[];
  readonly offset: readonly number[];
}

export type PrepareInput = (g: GraphBuilder, x: Value) => Value;

/**
 * @param example - sizes of an example in the file
 * @throws {ShapeError} where what is fed cannot be brought into that form
 */
export function inFormOf(example: Shape, scaling?: InputScaling): PrepareInput {
  return (g, x) => {
    const scaled = scaling === undefined ? x : scaledBy(g, x, scaling);
    const [n = 1, ...fed] = x.shape;
    if (sameShape(fed, example)) return scaled;
    const [c, h, w] = fed;
    if (fed.length === 3 && example.length === 3 && sameShape([h ?? 0, w ?? 0, c ?? 0], example)) {
      return g.emit('Transpose', [scaled], { perm: [0, 2, 3, 1] });
    }
    if (elementCount(fed) === elementCount(example)) return reshape(g, scaled, [n, ...example]);
    throw new ShapeError(
      `The network of the file takes [${example.join(', ')}], got [${fed.join(', ')}]; give data of that form`,
    );
  };
}

function scaledBy(g: GraphBuilder, x: Value, { factor, offset }: InputScaling): Value {
  const wide = (numbers: readonly number[]): Value =>
    alongChannels(g, g.constant(numbers, [numbers.length]), x.shape.length);
  return add(g, mul(g, x, wide(factor)), wide(offset));
}
