/** @file Functions of single elements, and of two tensors element by element. */

import { add, div, sub } from '../../graph/arithmetic.ts';
import type { Value } from '../../graph/graph.ts';
import { elementCount } from '../../graph/tensor-type.ts';
import { other, type Rules, type Site } from '../site.ts';
import { truth } from './logic.ts';
import { power } from './power.ts';

type Unary = 'Neg' | 'Abs' | 'Sqrt' | 'Exp' | 'Log' | 'Erf';

const unary = (op: Unary) => (site: Site) => site.g.emit(op, [site.value(0)]);

/** Operand i; numbers of more than one element that come after a layer with weights are learnt. */
function operand(site: Site, i: number, role: string): Value {
  const fixed = site.fixed(i);
  if (fixed === undefined || !fixed.isFloat || elementCount(fixed.shape) === 1 || !site.isLearnt(1 - i))
    return site.value(i);
  return site.parameter(role, fixed.shape, () => Float32Array.from(fixed.data));
}

type Arithmetic = 'Add' | 'Sub' | 'Mul' | 'Div';
const binary = (op: Arithmetic, role: string) => (site: Site) =>
  site.g.emit(op, [operand(site, 0, role), operand(site, 1, role)]);

/** max(x, y) = y + relu(x − y). */
function larger(site: Site, x: Value, y: Value): Value {
  return add(site.g, y, site.g.emit('Relu', [sub(site.g, x, y)]));
}

function fold(combine: (site: Site, x: Value, y: Value) => Value) {
  return (site: Site): Value =>
    site.node.inputs.slice(1).reduce((made, _, i) => combine(site, made, site.value(i + 1)), site.value(0));
}

/** Nothing; its mask, where a file asks for it, keeps everything. */
function dropout(site: Site): Value | readonly Value[] {
  const { g, node } = site;
  const x = site.value(0);
  return node.outputs.length > 1 ? [x, g.emit('Expand', [g.constant(1)], { shape: x.shape })] : x;
}

/** ONNX's codes of element types: truth values, and whole numbers of any size. */
const [BOOL, WHOLE] = [9, new Set([2, 3, 4, 5, 6, 7, 12, 13])] as const;

/** Of a float to a whole number: cut towards zero, whose derivative is zero. */
function cast(site: Site): Value {
  const { g } = site;
  const x = site.value(0);
  const to = site.attributes.int('to', 1);
  if (to === BOOL) return truth(g, x);
  return WHOLE.has(to) ? g.emit('Cast', [g.emit('Cast', [x], { to: 'int32' })], { to: g.float }) : x;
}

export const elementwise: Rules = {
  Add: { part: 'add', build: binary('Add', 'bias') },
  Sub: other(binary('Sub', 'bias')),
  Mul: other(binary('Mul', 'scale')),
  Div: other(binary('Div', 'scale')),
  Sum: { part: 'add', build: fold(({ g }, x, y) => add(g, x, y)) },
  Mean: other((site) => div(site.g, fold(({ g }, x, y) => add(g, x, y))(site), site.node.inputs.length)),
  Max: other(fold(larger)),
  Min: other(
    fold((site, x, y) => site.g.emit('Neg', [larger(site, site.g.emit('Neg', [x]), site.g.emit('Neg', [y]))])),
  ),
  Neg: other(unary('Neg')),
  Abs: other(unary('Abs')),
  Sqrt: other(unary('Sqrt')),
  Exp: other(unary('Exp')),
  Log: other(unary('Log')),
  Erf: other(unary('Erf')),
  Reciprocal: other((site) => div(site.g, 1, site.value(0))),
  Pow: other(power),
  Identity: other((site) => site.value(0)),
  Dropout: other(dropout),
  Cast: other(cast),
};
