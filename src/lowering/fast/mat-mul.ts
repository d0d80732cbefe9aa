/** @file Matrix products: an operand that lies with its last two axes swapped is read as it lies. */

import type { Value } from '../../graph/graph.ts';
import type { PhysicalValue } from '../../graph/physical.ts';
import type { FastContext, Rule } from './context.ts';
import { fusedMatMul } from './emit.ts';
import { identity, type Perm } from '../../graph/stored-layout.ts';

export const matMulRule: Rule<'MatMul'> = (c, { inputs: [x, y], outputs: [output] }) => {
  if (x === undefined || y === undefined || output === undefined) throw new RangeError('MatMul must have two operands');
  const [left, right] = [matrixOperand(c, x), matrixOperand(c, y)];
  const value = fusedMatMul(c.b, left.value, right.value, { transA: left.swapped, transB: right.swapped });
  return [{ value, perm: identity(output.shape.length) }];
};

function matrixOperand(c: FastContext, value: Value): { readonly value: PhysicalValue; readonly swapped: boolean } {
  const laid = c.laid(value);
  const swapped = isLastTwoSwapped(laid.perm);
  return { value: swapped ? laid.value : c.read(value), swapped };
}

function isLastTwoSwapped(perm: Perm): boolean {
  const rank = perm.length;
  return (
    new Set(perm).size === rank &&
    perm.every((axis, i) => axis === (i < rank - 2 ? i : i === rank - 2 ? rank - 1 : rank - 2))
  );
}
