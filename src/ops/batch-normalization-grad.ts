import { ShapeError } from '../errors.ts';
import { add, alongChannels, div, mul, poolAxes, reduceSum, sub } from '../graph/arithmetic.ts';
import type { Value } from '../graph/graph.ts';
import type { PhysicalValue } from '../graph/physical.ts';
import { elementCount, formatType, sameShape, sizeAt } from '../graph/tensor-type.ts';
import { requireChannelVectors } from './batch-normalization.ts';
import type { OpDef } from './op.ts';

/**
 * The backward pass of batch normalisation by hand (ioffe2015, section 3). With s = 1/√(variance + epsilon) and
 * x̂ = (x − mean) · s:  dbeta = Σg,  dgamma = Σ g·x̂,  dx = gamma · s · (g − dbeta/m − x̂ · dgamma/m).
 * As an op of its own it is a function of five independent inputs, which is how its derivative below takes it.
 */
export const batchNormalizationGradOp: OpDef<'BatchNormalizationGrad'> = {
  infer: ([x, gamma, mean, variance, g]) => {
    requireChannelVectors(x, { gamma, mean, variance });
    if (g.dtype !== x.dtype || !sameShape(g.shape, x.shape)) {
      throw new ShapeError(`The gradient must be ${formatType(x)} like the result, got ${formatType(g)}`);
    }
    const vector = { dtype: x.dtype, shape: gamma.shape };
    return [{ dtype: x.dtype, shape: x.shape }, vector, vector];
  },
  /** Notation: u, v, w are the cotangents of dx, dgamma, dbeta; k = gamma · s; sums pool all axes but 1. */
  vjp: ({ g: b, inputs: [x, gamma, mean, variance, g], attrs, cotangents: [u, v, w] }) => {
    const m = elementCount(x.shape) / sizeAt(x.shape, 1);
    const rank = x.shape.length;
    const wide = (vector: Value): Value => alongChannels(b, vector, rank);
    const sum = (value: Value): Value => reduceSum(b, value, poolAxes(x));
    const s = div(b, 1, b.emit('Sqrt', [add(b, variance, attrs.epsilon)]));
    const centred = sub(b, x, wide(mean));
    const xhat = mul(b, centred, wide(s));
    const zero = b.constant(0);
    const total = (terms: readonly (Value | undefined)[]): Value | undefined =>
      terms.reduce((a, c) => (a === undefined ? c : c === undefined ? a : add(b, a, c)), undefined);

    // Where dx is used, its sums dgamma/m and dbeta/m pass on what u sends them.
    const k = mul(b, gamma, s);
    const uk = u && mul(b, u, wide(k));
    const toDgamma = total([v, uk && mul(b, sum(mul(b, uk, xhat)), -1 / m)]) ?? zero;
    const toDbeta = total([w, uk && mul(b, sum(uk), -1 / m)]) ?? zero;
    const perChannel = (value: Value): Value => (value === zero ? zero : wide(value));

    const dg = total([
      uk,
      mul(b, xhat, perChannel(toDgamma)),
      b.emit('Expand', [perChannel(toDbeta)], { shape: x.shape }),
    ]);
    const dgammaMean = mul(b, sum(mul(b, g, xhat)), 1 / m);
    const toXhat =
      total([mul(b, g, perChannel(toDgamma)), uk && b.emit('Neg', [mul(b, uk, wide(dgammaMean))])]) ?? zero;
    const projected = sub(b, sub(b, g, wide(mul(b, sum(g), 1 / m))), mul(b, xhat, wide(dgammaMean)));
    const toK = u && sum(mul(b, u, projected));
    const toS = total([toK && mul(b, toK, gamma), sum(mul(b, toXhat, centred))]) ?? zero;
    const dx = mul(b, toXhat, wide(s));
    const cube = mul(b, s, mul(b, s, s));
    return [dx, toK && mul(b, toK, s), b.emit('Neg', [sum(dx)]), mul(b, mul(b, toS, cube), -0.5), dg];
  },
  onnx: ({ b, inputs: [x, gamma, mean, variance, g], attrs }) => {
    const { shape, dtype } = x;
    const m = elementCount(shape) / sizeAt(shape, 1);
    const wide = [1, ...gamma.shape, ...shape.slice(2).map(() => 1)];
    const along = (v: PhysicalValue): PhysicalValue => b.emit('Reshape', [v, b.ints(wide)], {}, wide);
    const axes = b.ints(poolAxes(x));
    const sum = (v: PhysicalValue): PhysicalValue => b.emit('ReduceSum', [v, axes], { keepdims: 0 }, gamma.shape);
    const shifted = b.emit('Add', [variance, b.constant([attrs.epsilon], [], dtype)], {}, gamma.shape);
    const s = b.emit('Reciprocal', [b.emit('Sqrt', [shifted], {}, gamma.shape)], {}, gamma.shape);
    const xhat = b.emit('Mul', [b.emit('Sub', [x, along(mean)], {}, shape), along(s)], {}, shape);
    const dgamma = sum(b.emit('Mul', [g, xhat], {}, shape));
    const dbeta = sum(g);
    const count = b.constant([m], [], dtype);
    const meanOf = (v: PhysicalValue): PhysicalValue => along(b.emit('Div', [v, count], {}, gamma.shape));
    const without = b.emit('Sub', [g, meanOf(dbeta)], {}, shape);
    const projected = b.emit('Sub', [without, b.emit('Mul', [xhat, meanOf(dgamma)], {}, shape)], {}, shape);
    const dx = b.emit('Mul', [projected, along(b.emit('Mul', [gamma, s], {}, gamma.shape))], {}, shape);
    return [dx, dgamma, dbeta];
  },
};
