/** @file Functions of single elements, and of two tensors element by element. */

import { add, div, mul, sub } from '../../graph/arithmetic.ts';
import type { Value } from '../../graph/graph.ts';
import { elementCount } from '../../graph/tensor-type.ts';
import { other, refusal, type Rule, type Rules, type Site } from '../site.ts';

type Unary = 'Neg' | 'Abs' | 'Sqrt' | 'Exp' | 'Log' | 'Tanh' | 'Sigmoid' | 'Softplus' | 'Relu';

const activation = (build: Rule['build']): Rule => ({ part: 'activation', build });
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

/** A limit of Clip: an attribute up to opset 10, an operand since. */
function limit(site: Site, name: 'min' | 'max', i: number): number | undefined {
  if (site.attributes.has(name)) return site.attributes.float(name, 0);
  if (!site.has(i)) return undefined;
  const data = site.fixed(i)?.data;
  if (data === undefined) throw refusal(site, `its ${name} must not depend on the data`);
  return Number(data[0]);
}

function clip(site: Site): Value {
  return clipped(site, site.value(0), limit(site, 'min', 1), limit(site, 'max', 2));
}

function clipped({ g }: Site, x: Value, min: number | undefined, max: number | undefined): Value {
  if (min === 0 && max === undefined) return g.emit('Relu', [x]);
  const most = 3e38;
  return g.emit('Clip', [x], { min: min ?? -most, max: max ?? most });
}

/** relu(x) − slope · relu(−x). */
function leaky(site: Site, x: Value, slope: Value | number): Value {
  const { g } = site;
  return sub(g, g.emit('Relu', [x]), mul(g, g.emit('Relu', [g.emit('Neg', [x])]), slope));
}

function prelu(site: Site): Value {
  const slope = site.fixed(1);
  if (slope === undefined) throw refusal(site, 'its slope must be known');
  return leaky(
    site,
    site.value(0),
    site.parameter('slope', slope.shape, () => Float32Array.from(slope.data)),
  );
}

/** relu(x) + alpha (exp(min(x, 0)) − 1), times gamma. */
function elu(site: Site, alpha: number, gamma: number): Value {
  const { g } = site;
  const x = site.value(0);
  const below = sub(g, g.emit('Exp', [g.emit('Neg', [g.emit('Relu', [g.emit('Neg', [x])])])]), 1);
  const y = add(g, g.emit('Relu', [x]), mul(g, below, alpha));
  return gamma === 1 ? y : mul(g, y, gamma);
}

function hardSigmoid(site: Site, x: Value, alpha: number, beta: number): Value {
  return site.g.emit('Clip', [add(site.g, mul(site.g, x, alpha), beta)], { min: 0, max: 1 });
}

/** Whole powers by multiplication, ½ by the root: what exporters write of squares and deviations. */
function power(site: Site): Value {
  const { g } = site;
  const exponent = site.fixed(1)?.data;
  const x = site.value(0);
  const p = exponent?.length === 1 ? Number(exponent[0]) : undefined;
  if (p === 0.5) return g.emit('Sqrt', [x]);
  if (p === -0.5) return div(g, 1, g.emit('Sqrt', [x]));
  if (p === undefined || !Number.isInteger(p) || p < -4 || p > 8 || p === 0)
    throw refusal(site, 'its exponent must be ½, −½ or a whole number from −4 to 8 and not 0');
  const whole = Array.from({ length: Math.abs(p) - 1 }).reduce((made: Value) => mul(g, made, x), x);
  return p > 0 ? whole : div(g, 1, whole);
}

const SELU = { alpha: 1.6732632423543772, gamma: 1.0507009873554805 } as const;

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
  Reciprocal: other((site) => div(site.g, 1, site.value(0))),
  Pow: other(power),
  Relu: activation(unary('Relu')),
  Tanh: activation(unary('Tanh')),
  Sigmoid: activation(unary('Sigmoid')),
  Softplus: activation(unary('Softplus')),
  Softsign: activation((site) => div(site.g, site.value(0), add(site.g, site.g.emit('Abs', [site.value(0)]), 1))),
  Clip: activation(clip),
  LeakyRelu: activation((site) => leaky(site, site.value(0), site.attributes.float('alpha', 0.01))),
  PRelu: activation(prelu),
  Elu: activation((site) => elu(site, site.attributes.float('alpha', 1), 1)),
  Selu: activation((site) =>
    elu(site, site.attributes.float('alpha', SELU.alpha), site.attributes.float('gamma', SELU.gamma)),
  ),
  HardSigmoid: activation((site) =>
    hardSigmoid(site, site.value(0), site.attributes.float('alpha', 0.2), site.attributes.float('beta', 0.5)),
  ),
  HardSwish: activation((site) => mul(site.g, site.value(0), hardSigmoid(site, site.value(0), 1 / 6, 0.5))),
  Identity: other((site) => site.value(0)),
  Dropout: other((site) => site.value(0)),
  Cast: other((site) => site.value(0)),
};
