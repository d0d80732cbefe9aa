/** @file Ops on small or lone tensors, as the reference lowering has them. */

import type { Value } from '../../graph/graph.ts';
import type { OpName } from '../../graph/op-attributes.ts';
import type { PhysicalValue } from '../../graph/physical.ts';
import { identity } from '../../graph/stored-layout.ts';
import { referenceForm } from '../reference-form.ts';
import type { FastContext, Rule } from './context.ts';

/** The rule of an op in logical layout. */
export function asReference<K extends OpName>(): Rule<K> {
  return ruleReading((c, input) => c.read(input));
}

/** The rule of an op to which the order of elements means nothing: its operands as they lie. */
export function inAnyOrder<K extends OpName>(): Rule<K> {
  return ruleReading((c, input) => c.laid(input).value);
}

function ruleReading<K extends OpName>(read: (c: FastContext, input: Value) => PhysicalValue): Rule<K> {
  return (c, node) => {
    const inputs = node.inputs.map((input) => read(c, input));
    const results = referenceForm(c.b, node, inputs);
    return results.map((value) => ({ value, perm: identity(value.shape.length) }));
  };
}
