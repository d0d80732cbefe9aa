/** @file Layers with weights: convolutions and matrix products. */

import { add, alongChannels, mul, reshape } from '../../graph/arithmetic.ts';
import type { Value } from '../../graph/graph.ts';
import type { ConvAttributes } from '../../graph/op-attributes.ts';
import { elementCount, type Shape, sizeAt } from '../../graph/tensor-type.ts';
import { refusal, type Rule, type Rules, type Site } from '../site.ts';
import { windowOf } from '../windows.ts';
import type { Fixed } from '../fixed.ts';

const linear = (build: Rule['build']): Rule => ({ part: 'linear', build });

function weightOf(site: Site, i: number): Fixed {
  const weight = site.fixed(i);
  if (weight !== undefined) return weight;
  throw refusal(site, 'its weight must be known, and not computed from the data');
}

const numbers =
  ({ data }: Fixed) =>
  (): Float32Array =>
    Float32Array.from(data);

function withBias(site: Site, y: Value): Value {
  const bias = site.fixed(2);
  if (bias === undefined) return y;
  const value = site.parameter('bias', [sizeAt(y.shape, 1)], numbers(bias));
  return add(site.g, y, y.shape.length === 2 ? value : alongChannels(site.g, value, y.shape.length));
}

/** Of [N, C, W] as of [N, C, 1, W]. */
export function asImages(site: Site, x: Value): Value {
  const [n = 1, c = 1, ...space] = x.shape;
  if (space.length === 2) return x;
  if (space.length === 1) return reshape(site.g, x, [n, c, 1, sizeAt(space, 0)]);
  throw refusal(site, `images must be of one or two axes, got ${space.length}`);
}

/** The weight of a convolution, whose taps lie on two axes, and all that is stated of how it moves over an image. */
function convolution(
  site: Site,
  image: readonly [number, number],
): { readonly weight: Value; readonly attrs: ConvAttributes } {
  const { shape, data } = weightOf(site, 1);
  const [first = 1, second = 1, ...taps] = shape;
  const kernel = taps.length === 1 ? [1, sizeAt(taps, 0)] : taps;
  const weight = site.parameter('weight', [first, second, ...kernel], () => Float32Array.from(data));
  const { strides, pads, dilations } = windowOf(site, kernel, image);
  const group = site.attributes.int('group', 1);
  // What is as usual goes unnamed, as in all other graphs.
  const isSpread = dilations.some((step) => step !== 1);
  return { weight, attrs: { strides, pads, ...(group !== 1 && { group }), ...(isSpread && { dilations }) } };
}

function conv(site: Site): Value {
  const { g } = site;
  const x = asImages(site, site.value(0));
  const { weight, attrs } = convolution(site, [sizeAt(x.shape, 2), sizeAt(x.shape, 3)]);
  const y = g.emit('Conv', [x, weight], attrs);
  return reshape(g, withBias(site, y), site.shapes[0] ?? y.shape);
}

/** The gradient of a convolution with respect to its input is a transposed convolution. */
function convTranspose(site: Site): Value {
  const { g } = site;
  const x = asImages(site, site.value(0));
  const out = site.shapes[0] ?? [];
  const image = (out.length === 3 ? [1, sizeAt(out, 2)] : [sizeAt(out, 2), sizeAt(out, 3)]) as [number, number];
  const { weight, attrs } = convolution(site, image);
  const y = g.emit('ConvInputGrad', [x, weight], { ...attrs, image });
  return reshape(g, withBias(site, y), out);
}

/** alpha A B + beta C, with B stored as [D, units], whichever way round the file has it. */
function gemm(site: Site): Value {
  const { g, attributes } = site;
  const a = site.value(0);
  const left = attributes.int('transA', 0) === 0 ? a : g.emit('Transpose', [a], { perm: [1, 0] });
  const b = site.fixed(1);
  const isTransposed = attributes.int('transB', 0) !== 0;
  const right = b === undefined ? plainMatrix(site, isTransposed) : weightMatrix(site, b, isTransposed);
  const alpha = attributes.float('alpha', 1);
  const product = g.emit('MatMul', [left, right]);
  const y = alpha === 1 ? product : mul(g, product, alpha);
  if (!site.has(2)) return y;
  const beta = attributes.float('beta', 1);
  const c = site.fixed(2);
  const bias = c === undefined ? site.value(2) : site.parameter('bias', biasShape(c.shape), numbers(c));
  return add(g, y, beta === 1 ? bias : mul(g, bias, beta));
}

/** A row of one per unit is a vector, as everywhere else. */
function biasShape(shape: Shape): Shape {
  return shape.length === 2 && shape[0] === 1 ? shape.slice(1) : shape;
}

function plainMatrix(site: Site, isTransposed: boolean): Value {
  return isTransposed ? site.g.emit('Transpose', [site.value(1)], { perm: [1, 0] }) : site.value(1);
}

function weightMatrix(site: Site, { shape, data }: Fixed, isTransposed: boolean): Value {
  const [rows = 1, columns = 1] = shape;
  if (!isTransposed) return site.parameter('weight', shape, () => Float32Array.from(data));
  return site.parameter('weight', [columns, rows], () =>
    Float32Array.from({ length: data.length }, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)] ?? 0),
  );
}

function matMul(site: Site): Value {
  const { g } = site;
  const weight = site.fixed(1);
  const x = site.value(0);
  const out = site.shapes[0] ?? [];
  if (weight?.shape.length === 2 && x.shape.length >= 2) {
    const w = site.parameter('weight', weight.shape, numbers(weight));
    const rows = elementCount(x.shape.slice(0, -1));
    return reshape(g, g.emit('MatMul', [reshape(g, x, [rows, sizeAt(weight.shape, 0)]), w]), out);
  }
  const y = site.value(1);
  if (x.shape.length < 2 || y.shape.length < 2) throw refusal(site, 'vectors must be matrices of one row or column');
  const lead = out.slice(0, -2);
  const widened = (value: Value): Value => {
    const shape = [...lead, ...value.shape.slice(-2)];
    return shape.join() === value.shape.join() ? value : g.emit('Expand', [value], { shape });
  };
  return g.emit('MatMul', [widened(x), widened(y)]);
}

export const linearRules: Rules = {
  Conv: linear(conv),
  ConvTranspose: linear(convTranspose),
  Gemm: linear(gemm),
  MatMul: linear(matMul),
};
