/** @file Activations. */

import { add, div, mul, sub } from '../../graph/arithmetic.ts';
import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import { refusal, type Rule, type Rules, type Site } from '../site.ts';

const activation = (build: Rule['build']): Rule => ({ part: 'activation', build });
const unary = (op: 'Tanh' | 'Sigmoid' | 'Softplus' | 'Relu') => activation((site) => site.g.emit(op, [site.value(0)]));

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

/** relu(x) + alpha (exp(min(x, 0)/width) − 1), times gamma. */
function elu(site: Site, alpha: number, gamma: number, width = 1): Value {
  const { g } = site;
  const x = site.value(0);
  const negative = g.emit('Neg', [g.emit('Relu', [g.emit('Neg', [x])])]);
  const below = sub(g, g.emit('Exp', [width === 1 ? negative : div(g, negative, width)]), 1);
  const y = add(g, g.emit('Relu', [x]), mul(g, below, alpha));
  return gamma === 1 ? y : mul(g, y, gamma);
}

/** alpha x + beta, cut to [0, 1]. */
export function hardSigmoid(g: GraphBuilder, x: Value, alpha: number, beta: number): Value {
  return g.emit('Clip', [add(g, mul(g, x, alpha), beta)], { min: 0, max: 1 });
}

/** x Φ(x), with Φ(x) = (1 + erf(x/√2))/2, or by ONNX's tanh of a cubic. */
function gelu(site: Site): Value {
  const { g } = site;
  const x = site.value(0);
  const isExact = site.attributes.string('approximate', 'none') === 'none';
  const cubic = (): Value => mul(g, add(g, x, mul(g, mul(g, mul(g, x, x), x), 0.044715)), Math.sqrt(2 / Math.PI));
  const spread = isExact ? g.emit('Erf', [div(g, x, Math.SQRT2)]) : g.emit('Tanh', [cubic()]);
  return mul(g, mul(g, x, 0.5), add(g, spread, 1));
}

const SELU = { alpha: 1.6732632423543772, gamma: 1.0507009873554805 } as const;

export const activations: Rules = {
  Relu: unary('Relu'),
  Tanh: unary('Tanh'),
  Sigmoid: unary('Sigmoid'),
  Softplus: unary('Softplus'),
  Softsign: activation((site) => div(site.g, site.value(0), add(site.g, site.g.emit('Abs', [site.value(0)]), 1))),
  Clip: activation(clip),
  LeakyRelu: activation((site) => leaky(site, site.value(0), site.attributes.float('alpha', 0.01))),
  PRelu: activation(prelu),
  Elu: activation((site) => elu(site, site.attributes.float('alpha', 1), 1)),
  Selu: activation((site) =>
    elu(site, site.attributes.float('alpha', SELU.alpha), site.attributes.float('gamma', SELU.gamma)),
  ),
  HardSigmoid: activation((site) =>
    hardSigmoid(site.g, site.value(0), site.attributes.float('alpha', 0.2), site.attributes.float('beta', 0.5)),
  ),
  HardSwish: activation((site) => mul(site.g, site.value(0), hardSigmoid(site.g, site.value(0), 1 / 6, 0.5))),
  Gelu: activation(gelu),
  Mish: activation((site) =>
    mul(site.g, site.value(0), site.g.emit('Tanh', [site.g.emit('Softplus', [site.value(0)])])),
  ),
  Celu: activation((site) => {
    const alpha = site.attributes.float('alpha', 1);
    return elu(site, alpha, 1, alpha);
  }),
  ThresholdedRelu: activation((site) =>
    site.g.emit('ReluGrad', [site.value(0), sub(site.g, site.value(0), site.attributes.float('alpha', 1))]),
  ),
};
