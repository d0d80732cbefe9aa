/** @file The reference form of an op: the ONNX nodes that its definition in `ops` gives it. */

import type { Node } from '../graph/graph.ts';
import { inputsOf, outputsOf } from '../graph/op-arity.ts';
import type { OpName } from '../graph/op-attributes.ts';
import type { PhysicalBuilder, PhysicalValue } from '../graph/physical.ts';
import type { TensorType } from '../graph/tensor-type.ts';
import { ops } from '../ops/index.ts';
import type { OpDef } from '../ops/op.ts';

/**
 * Emits the reference form of a node.
 * @param inputs - its operands, all in one layout
 * @param outputs - the types of its results in that layout; default the logical ones
 */
export function referenceForm<K extends OpName>(
  b: PhysicalBuilder,
  { op, attrs, outputs: logical }: Node<K>,
  inputs: readonly PhysicalValue[],
  outputs: readonly TensorType[] = logical,
): readonly PhysicalValue[] {
  const definition: OpDef<K> = ops[op];
  return definition.onnx({ b, inputs: inputsOf(op, inputs), attrs, outputs: outputsOf(op, outputs) });
}
