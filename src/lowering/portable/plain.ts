/** @file Ops on small or lone tensors, in their own plain ONNX form. */

import { inputsOf } from '../../graph/op-arity.ts';
import type { OpName } from '../../graph/op-attributes.ts';
import { ops } from '../../ops/index.ts';
import type { OpDef } from '../../ops/op.ts';
import type { Value } from '../../graph/graph.ts';
import type { PhysicalValue } from '../../graph/physical.ts';
import type { PortableContext, Rule } from './context.ts';
import { identity } from '../../graph/stored-layout.ts';

/** The rule of an op in logical layout. */
export function plain<K extends OpName>(): Rule<K> {
  return plainForm((c, input) => c.read(input));
}

/** The rule of an op to which the order of elements means nothing: its operands as they lie. */
export function inAnyOrder<K extends OpName>(): Rule<K> {
  return plainForm((c, input) => c.laid(input).value);
}

function plainForm<K extends OpName>(read: (c: PortableContext, input: Value) => PhysicalValue): Rule<K> {
  return (c, node) => {
    const definition: OpDef<K> = ops[node.op];
    const inputs = inputsOf(
      node.op,
      node.inputs.map((input) => read(c, input)),
    );
    const results = definition.onnx({ b: c.b, inputs, attrs: node.attrs, outputs: node.outputs });
    return results.map((value) => ({ value, perm: identity(value.shape.length) }));
  };
}
