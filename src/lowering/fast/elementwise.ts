/** @file Elementwise ops: all operands are brought to one layout, in which the op has its reference form. */

import type { Node, Value } from '../../graph/graph.ts';
import { inputsOf } from '../../graph/op-arity.ts';
import type { OpName } from '../../graph/op-attributes.ts';
import type { PhysicalBuilder, PhysicalValue } from '../../graph/physical.ts';
import { broadcastShapes, elementCount, type Shape, sameShape } from '../../graph/tensor-type.ts';
import { referenceForm } from '../reference-form.ts';
import type { FastContext, Rule } from './context.ts';
import { binary, heaviside, reshape } from './emit.ts';
import { type Perm, storedShape } from '../../graph/stored-layout.ts';
import { asLayout, BLOCKED, IMAGE, withLeadingAxes } from './layout.ts';

/** The rule of an op whose reference form works on any layout that its operands share. */
export function elementwise<K extends OpName>(): Rule<K> {
  return (c, node) => {
    const output = outputOf(node);
    const perm = commonLayout(c, node.inputs, output);
    const inputs = inputsOf(node.op, operands(c, node.inputs, output.shape, perm));
    const type = { dtype: output.dtype, shape: storedShape(output.shape, perm, c.b.block) };
    return referenceForm(c.b, node, inputs, [type]).map((value) => ({ value, perm }));
  };
}

/** g · [y > 0] without a branch: a steep HardSigmoid and a product. */
export const reluGradRule: Rule<'ReluGrad'> = (c, node) => {
  const output = outputOf(node);
  const perm = commonLayout(c, node.inputs, output);
  const [g, y] = operands(c, node.inputs, output.shape, perm);
  if (g === undefined || y === undefined) throw new RangeError('ReluGrad must have two operands');
  return [
    {
      value: binary(
        c.b,
        'Mul',
        g,
        c.b.shared(y, 'positive', () => heaviside(c.b, y, 0)),
      ),
      perm,
    },
  ];
};

function outputOf(node: Node<OpName>): Value {
  const [output] = node.outputs;
  if (output === undefined) throw new RangeError(`${node.op} must have an output`);
  return output;
}

/** Rank 4 lies as settled; anything else as its first operand of full size does. */
function commonLayout(c: FastContext, inputs: readonly Value[], output: Value): Perm {
  if (output.shape.length === 4) return c.layoutOf(output);
  const full = inputs.find((input) => sameShape(input.shape, output.shape));
  return full === undefined ? c.layoutOf(output) : c.laid(full).perm;
}

/**
 * The operands as they broadcast against a result of the given logical shape and layout. What an Expand repeats is
 * left to the op's own broadcasting where another operand has the full shape already.
 */
function operands(c: FastContext, inputs: readonly Value[], shape: Shape, perm: Perm): readonly PhysicalValue[] {
  const isExpanded = (input: Value): boolean => c.producer(input)?.op === 'Expand';
  const anchored = inputs.some((input) => sameShape(input.shape, shape) && !isExpanded(input));
  return inputs.map((input) => {
    const source = anchored && isExpanded(input) ? c.producer(input)?.inputs[0] : undefined;
    return operand(c, source ?? input, shape, perm);
  });
}

function operand(c: FastContext, value: Value, shape: Shape, perm: Perm): PhysicalValue {
  if (sameShape(value.shape, shape)) return c.read(value, perm);
  const laid = c.laid(value);
  if (elementCount(value.shape) === 1) return reshape(c.b, laid.value, []);
  return perChannel(c.b, asLayout(c.b, withLeadingAxes(c.b, laid, shape.length), perm), shape, perm);
}

/** A vector of channels against images, repeated along the axes beside it: ORT then broadcasts longer runs. */
function perChannel(b: PhysicalBuilder, value: PhysicalValue, shape: Shape, perm: Perm): PhysicalValue {
  const [N, C, H, W] = shape as readonly [number, number, number, number];
  if (!(perm === IMAGE || perm === BLOCKED) || elementCount(value.shape) !== C || H * W === 1) return value;
  const wide = perm === IMAGE ? [1, 1, N, C] : storedShape([1, C, H, W], BLOCKED, b.block);
  if (!sameShape(broadcastShapes(value.shape, wide), wide)) return value;
  return b.shared(value, `rows ${wide.join()}`, () => b.emit('Expand', [value, b.ints(wide)], {}, wide));
}
