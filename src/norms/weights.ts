/** @file A layer's weight seen by output unit: what norms of weights share. */

import { axesOf, reshape } from '../graph/arithmetic.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import { elementCount, sizeAt } from '../graph/tensor-type.ts';
import type { LayerWeight } from '../nn/layers.ts';

/** The axes of one unit's weight: all but that of the output units. */
export function fanInAxes({ value, outputAxis }: LayerWeight): readonly number[] {
  return axesOf(value).filter((axis) => axis !== outputAxis);
}

/** Inputs of one unit: channels times taps. */
export function fanIn({ value, outputAxis }: LayerWeight): number {
  return elementCount(value.shape) / sizeAt(value.shape, outputAxis);
}

/** One number per output unit, broadcast along a weight. */
export function alongUnits(g: GraphBuilder, vector: Value, { value, outputAxis }: LayerWeight): Value {
  return reshape(
    g,
    vector,
    value.shape.map((size, axis) => (axis === outputAxis ? size : 1)),
  );
}

/** The weight as a matrix [units, fan-in]. */
export function asMatrix(g: GraphBuilder, weight: LayerWeight): Value {
  const { value, outputAxis } = weight;
  const perm = [outputAxis, ...fanInAxes(weight)];
  const unitsFirst = outputAxis === 0 ? value : g.emit('Transpose', [value], { perm });
  return reshape(g, unitsFirst, [sizeAt(value.shape, outputAxis), fanIn(weight)]);
}
