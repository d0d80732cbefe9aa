import { ShapeError } from '../errors.ts';
import { add, alongChannels, mul, poolAxes, sub } from '../graph/arithmetic.ts';
import { elementCount, sameShape, type Shape, sizeAt, type TensorType } from '../graph/tensor-type.ts';
import { inferUnary } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** Throws unless each of the named vectors is [C] for x [N, C, …]. */
export function requireChannelVectors(x: TensorType, vectors: Readonly<Record<string, TensorType>>): void {
  inferUnary([x]);
  if (x.shape.length < 2) throw new ShapeError(`Batch normalisation takes [N,C,…], got [${x.shape.join(',')}]`);
  const channels: Shape = [sizeAt(x.shape, 1)];
  for (const [name, vector] of Object.entries(vectors)) {
    if (!sameShape(vector.shape, channels) || vector.dtype !== x.dtype) {
      throw new ShapeError(
        `${name} must be ${x.dtype}[${channels.join()}], got ${vector.dtype}[${vector.shape.join()}]`,
      );
    }
  }
}

/**
 * Batch normalisation over all axes but 1, m elements per channel (ioffe2015, Algorithm 1):
 * mean = Σx / m, corrected once by the mean of what it leaves, variance = Σ(x − mean)² / m (biased), y = gamma · (x − mean) / √(variance + epsilon) + beta.
 * Outputs y, mean [C] and variance [C], all of them differentiable.
 */
export const batchNormalizationOp: OpDef<'BatchNormalization'> = {
  infer: ([x, gamma, beta]) => {
    requireChannelVectors(x, { gamma, beta });
    const vector = { dtype: x.dtype, shape: [sizeAt(x.shape, 1)] };
    return [{ dtype: x.dtype, shape: x.shape }, vector, vector];
  },
  vjp: ({ g, inputs: [x, gamma], outputs: [, mean, variance], attrs, cotangents: [dy, dMean, dVariance] }) => {
    const m = elementCount(x.shape) / sizeAt(x.shape, 1);
    const channels = (v: typeof mean): typeof mean => alongChannels(g, v, x.shape.length);
    const [dx, dgamma, dbeta] =
      dy === undefined ? [] : g.emitAll('BatchNormalizationGrad', [x, gamma, mean, variance, dy], attrs);
    const terms = dx === undefined ? [] : [dx];
    if (dMean !== undefined) terms.push(g.emit('Expand', [channels(mul(g, dMean, 1 / m))], { shape: x.shape }));
    if (dVariance !== undefined) terms.push(mul(g, sub(g, x, channels(mean)), channels(mul(g, dVariance, 2 / m))));
    return [terms.length === 0 ? undefined : terms.reduce((a, c) => add(g, a, c)), dgamma, dbeta];
  },
  // Two passes over x, centred before squaring: E[x²] − mean² would cancel where |mean| ≫ σ.
  onnx: ({ b, inputs: [x, gamma, beta], attrs, outputs: [{ shape }, { shape: vector }] }) => {
    const wide = [1, ...vector, ...shape.slice(2).map(() => 1)];
    const axes = b.ints(poolAxes(x));
    const rounded = b.emit('ReduceMean', [x, axes], { keepdims: 1 }, wide);
    const left = b.emit('Sub', [x, rounded], {}, shape);
    // A sum of large numbers is rounded: the mean of a channel that is 10⁷ everywhere would be off by one.
    const rest = b.emit('ReduceMean', [left, axes], { keepdims: 1 }, wide);
    const mean = b.emit('Add', [rounded, rest], {}, wide);
    const centred = b.emit('Sub', [x, mean], {}, shape);
    const square = b.emit('Mul', [centred, centred], {}, shape);
    const variance = b.emit('ReduceMean', [square, axes], { keepdims: 1 }, wide);
    const shifted = b.emit('Add', [variance, b.constant([attrs.epsilon], [], x.dtype)], {}, wide);
    const normalised = b.emit('Div', [centred, b.emit('Sqrt', [shifted], {}, wide)], {}, shape);
    const broadcast = (v: typeof gamma): typeof gamma => b.emit('Reshape', [v, b.ints(wide)], {}, wide);
    const scaled = b.emit('Mul', [normalised, broadcast(gamma)], {}, shape);
    const y = b.emit('Add', [scaled, broadcast(beta)], {}, shape);
    const flat = (v: typeof gamma): typeof gamma => b.emit('Reshape', [v, b.ints(vector)], {}, vector);
    return [y, flat(mean), flat(variance)];
  },
};
