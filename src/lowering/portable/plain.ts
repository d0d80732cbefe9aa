/** @file Ops on small or lone tensors: their own plain ONNX form, in logical layout. */

import type { OpName } from '../../graph/op-attributes.ts';
import { ops } from '../../ops/index.ts';
import type { OpDef } from '../../ops/op.ts';
import type { Rule } from './context.ts';
import { identity } from '../../graph/stored-layout.ts';

export function plain<K extends OpName>(): Rule<K> {
  return (c, node) => {
    const definition: OpDef<K> = ops[node.op];
    const inputs = node.inputs.map((input) => c.read(input));
    const results = definition.onnx({ b: c.b, inputs, attrs: node.attrs, outputs: node.outputs });
    return results.map((value) => ({ value, perm: identity(value.shape.length) }));
  };
}
