/** @file From images as data sets have them to what a file's network is fed: other axes, other scaling. */

import type { Rescaling } from '../data/scalings.ts';
import { ShapeError } from '../errors.ts';
import { add, alongChannels, mul, reshape } from '../graph/arithmetic.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import { elementCount, sameShape, type Shape, sizeAt } from '../graph/tensor-type.ts';

export type PrepareInput = (g: GraphBuilder, x: Value) => Value;

/**
 * @param example - sizes of an example in the file
 * @throws {ShapeError} where what is fed cannot be brought into that form
 */
export function inFormOf(example: Shape, scaling?: Rescaling): PrepareInput {
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

function scaledBy(g: GraphBuilder, x: Value, { factor, offset, isReversed }: Rescaling): Value {
  const wide = (numbers: readonly number[]): Value =>
    alongChannels(g, g.constant(numbers, [numbers.length]), x.shape.length);
  return add(g, mul(g, isReversed ? reversed(g, x) : x, wide(factor)), wide(offset));
}

/** The last channel first. */
function reversed(g: GraphBuilder, x: Value): Value {
  const channels = Array.from({ length: sizeAt(x.shape, 1) }, (_, c) =>
    g.emit('Slice', [x], { axis: 1, start: c, end: c + 1 }),
  );
  return g.emit('Concat', channels.toReversed(), { axis: 1 });
}
