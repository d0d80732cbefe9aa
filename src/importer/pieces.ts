/** @file A tensor cut in equal pieces along an axis. */

import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import { sizeAt } from '../graph/tensor-type.ts';

/**
 * `count` equal pieces of x along an axis, in order. They are cut by halves: the derivative of a cut is as large as what is cut, so
 * that n pieces of one tensor would make n tensors of its size, and these make 2 log₂ n.
 */
export function equalPieces(g: GraphBuilder, x: Value, axis: number, count: number): readonly Value[] {
  if (count === 1) return [x];
  const size = sizeAt(x.shape, axis);
  const first = Math.ceil(count / 2);
  const middle = (size / count) * first;
  return [
    ...equalPieces(g, g.emit('Slice', [x], { axis, start: 0, end: middle }), axis, first),
    ...equalPieces(g, g.emit('Slice', [x], { axis, start: middle, end: size }), axis, count - first),
  ];
}
