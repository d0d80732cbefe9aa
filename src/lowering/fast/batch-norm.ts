/**
 * @file Batch normalisation of [N, C] or images [H, W, N, C]. Statistics are sums over rows of N · C numbers, then over
 * N; what is per channel is repeated to [N, C], so that ORT broadcasts long runs.
 */

import { counted } from '../../counted.ts';
import type { Value } from '../../graph/graph.ts';
import type { PhysicalBuilder, PhysicalValue } from '../../graph/physical.ts';
import { elementCount, sameShape, sizeAt } from '../../graph/tensor-type.ts';
import type { FastContext, Rule } from './context.ts';
import { binary, reduce, reshape } from './emit.ts';
import { identity, type Perm } from '../../graph/stored-layout.ts';
import { IMAGE } from './layout.ts';

/**
 * y = a · (x − mean) + beta with a = gamma / √(variance + epsilon). The variance is the mean of (x − mean)², since
 * E[x²] − mean² cancels where |mean| ≫ σ. A bias just before changes only the mean, and is never added to the images.
 */
export const batchNormalizationRule: Rule<'BatchNormalization'> = (c, { inputs, attrs }) => {
  const { b } = c;
  const [x, gamma, beta] = valuesAt(inputs, 3) as readonly [Value, Value, Value];
  const perm = channelsLast(x);
  const { images, bias } = withoutBias(c, x);
  const pixels = c.read(images, perm);
  const scale = sizeAt(x.shape, 1) / elementCount(x.shape);
  const unbiased = binary(b, 'Mul', perChannelSum(b, pixels), scale);
  const mean = bias === undefined ? unbiased : binary(b, 'Add', unbiased, vector(c, bias));
  const centre = b.shared(mean, centreOf(x), () => binary(b, 'Sub', pixels, repeated(b, unbiased, pixels)));
  const variance = binary(b, 'Mul', perChannelSum(b, binary(b, 'Mul', centre, centre)), scale);
  const a = binary(b, 'Mul', c.read(gamma), inverseDeviation(b, variance, attrs.epsilon));
  const scaled = binary(b, 'Mul', centre, repeated(b, a, pixels));
  const y = binary(b, 'Add', scaled, repeated(b, c.read(beta), pixels));
  return [
    { value: y, perm },
    { value: mean, perm: identity(1) },
    { value: variance, perm: identity(1) },
  ];
};

/**
 * With d = x − mean, s = 1 / √(variance + epsilon), a = gamma · s and m elements per channel: dbeta = Σ g,
 * dgamma = s · Σ g · d, dx = a · (g − dbeta / m − d · s · dgamma / m). Whoever reads dx may apply a elsewhere.
 */
export const batchNormalizationGradRule: Rule<'BatchNormalizationGrad'> = (c, { inputs, outputs, attrs }) => {
  const { b } = c;
  const [x, gamma, meanValue, variance, g] = valuesAt(inputs, 5) as readonly [Value, Value, Value, Value, Value];
  const perm = channelsLast(x);
  const gradient = c.read(g, perm);
  const mean = c.read(meanValue);
  const centre = b.shared(mean, centreOf(x), () => {
    const pixels = c.read(x, perm);
    return binary(b, 'Sub', pixels, repeated(b, mean, pixels));
  });
  const negative = -sizeAt(x.shape, 1) / elementCount(x.shape);
  const s = inverseDeviation(b, c.read(variance), attrs.epsilon);
  const dbeta = perChannelSum(b, gradient);
  const dgamma = binary(b, 'Mul', perChannelSum(b, binary(b, 'Mul', gradient, centre)), s);
  const slope = repeated(b, binary(b, 'Mul', binary(b, 'Mul', s, dgamma), negative), gradient);
  const shift = repeated(b, binary(b, 'Mul', dbeta, negative), gradient);
  const towards = binary(b, 'Add', binary(b, 'Mul', centre, slope), shift);
  const projected = binary(b, 'Add', towards, gradient);
  const a = binary(b, 'Mul', c.read(gamma), s);
  const [dx] = outputs;
  if (dx !== undefined && perm === IMAGE) c.noteFactored(dx, { images: { value: projected, perm }, scale: a });
  return [
    { value: binary(b, 'Mul', projected, repeated(b, a, gradient)), perm },
    { value: dgamma, perm: identity(1) },
    { value: dbeta, perm: identity(1) },
  ];
};

/** The key under which x − mean is shared, once made, by the forward and the backward pass. */
export function centreOf(x: Value): string {
  return `centre of ${x.name}`;
}

/** x as images plus a vector per channel, where that is how it was made. */
function withoutBias(c: FastContext, x: Value): { readonly images: Value; readonly bias: Value | undefined } {
  const node = c.producer(x);
  const [images, bias] = node?.op === 'Add' ? node.inputs : [];
  const wide = x.shape.map((size, axis) => (axis === 1 ? size : 1));
  return images !== undefined && bias !== undefined && sameShape(images.shape, x.shape) && sameShape(bias.shape, wide)
    ? { images, bias }
    : { images: x, bias: undefined };
}

/** [1, C, 1, …] as [C]. */
function vector(c: FastContext, wide: Value): PhysicalValue {
  return reshape(c.b, c.laid(wide).value, [elementCount(wide.shape)]);
}

/** Space, then N, then C: the layout of images, for any rank. */
function channelsLast({ shape }: Value): Perm {
  return shape.length === 4 ? IMAGE : [...identity(shape.length).slice(2), 0, 1];
}

/** 1 / √(variance + epsilon). */
export function inverseDeviation(b: PhysicalBuilder, variance: PhysicalValue, epsilon: number): PhysicalValue {
  return b.shared(variance, `deviation ${epsilon}`, () => {
    const root = b.emit('Sqrt', [binary(b, 'Add', variance, epsilon)], {}, variance.shape);
    return b.emit('Reciprocal', [root], {}, variance.shape);
  });
}

/** A vector [C] once for each of the N rows of x [..., N, C]. */
function repeated(b: PhysicalBuilder, vector: PhysicalValue, x: PhysicalValue): PhysicalValue {
  const shape = x.shape.slice(-2);
  if (x.shape.length === 2) return vector;
  return b.shared(vector, `rows ${shape.join()}`, () => b.emit('Expand', [vector, b.ints(shape)], {}, shape));
}

/** Σ over all axes but the last, one after the other, N last. */
function perChannelSum(b: PhysicalBuilder, x: PhysicalValue): PhysicalValue {
  const space = identity(x.shape.length - 2).toReversed();
  return [...space, 0].reduce((sum, axis) => reduce(b, 'ReduceSum', sum, [axis]), x);
}

function valuesAt(inputs: readonly Value[], count: number): readonly Value[] {
  if (inputs.length !== count) throw new RangeError(`Batch normalisation must have ${counted(count, 'input')}`);
  return inputs;
}
