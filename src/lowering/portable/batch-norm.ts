/**
 * @file Batch normalisation of [N, C] or images [H, W, N, C]. Statistics are sums over rows of N · C numbers, then over
 * N; what is per channel is repeated to [N, C], so that ORT broadcasts long runs.
 */

import type { Value } from '../../graph/graph.ts';
import type { PhysicalBuilder, PhysicalValue } from '../../graph/physical.ts';
import { elementCount, sizeAt } from '../../graph/tensor-type.ts';
import type { PortableContext, Rule } from './context.ts';
import { binary, reduce } from './emit.ts';
import { identity, IMAGE, type Perm } from './layout.ts';

/**
 * y = a · (x − mean) + beta with a = gamma / √(variance + epsilon). The variance is the mean of (x − mean)², since
 * E[x²] − mean² cancels where |mean| ≫ σ.
 */
export const batchNormalizationRule: Rule<'BatchNormalization'> = (c, { inputs, attrs }) => {
  const { b } = c;
  const [x, gamma, beta] = valuesAt(inputs, 3) as readonly [Value, Value, Value];
  const perm = channelsLast(x);
  const pixels = c.read(x, perm);
  const scale = sizeAt(x.shape, 1) / elementCount(x.shape);
  const mean = binary(b, 'Mul', perChannelSum(b, pixels), scale);
  const centre = centred(c, pixels, mean);
  const variance = binary(b, 'Mul', perChannelSum(b, binary(b, 'Mul', centre, centre)), scale);
  const a = binary(b, 'Mul', c.read(gamma), inverseDeviation(c, variance, attrs.epsilon));
  const scaled = binary(b, 'Mul', centre, repeated(c, a, pixels));
  const y = binary(b, 'Add', scaled, repeated(c, c.read(beta), pixels));
  const vector = identity(1);
  return [
    { value: y, perm },
    { value: mean, perm: vector },
    { value: variance, perm: vector },
  ];
};

/**
 * With d = x − mean, s = 1 / √(variance + epsilon), a = gamma · s and m elements per channel: dbeta = Σ g,
 * dgamma = s · Σ g · d, dx = a · (g − dbeta / m − d · s · dgamma / m).
 */
export const batchNormalizationGradRule: Rule<'BatchNormalizationGrad'> = (c, { inputs, attrs }) => {
  const { b } = c;
  const [x, gamma, mean, variance, g] = valuesAt(inputs, 5) as readonly [Value, Value, Value, Value, Value];
  const perm = channelsLast(x);
  const [pixels, gradient] = [c.read(x, perm), c.read(g, perm)];
  const negative = -sizeAt(x.shape, 1) / elementCount(x.shape);
  const centre = centred(c, pixels, c.read(mean));
  const s = inverseDeviation(c, c.read(variance), attrs.epsilon);
  const dbeta = perChannelSum(b, gradient);
  const dgamma = binary(b, 'Mul', perChannelSum(b, binary(b, 'Mul', gradient, centre)), s);
  const slope = binary(b, 'Mul', binary(b, 'Mul', s, dgamma), negative);
  const shift = repeated(c, binary(b, 'Mul', dbeta, negative), pixels);
  const towards = binary(b, 'Add', binary(b, 'Mul', centre, repeated(c, slope, pixels)), shift);
  const projected = binary(b, 'Add', towards, gradient);
  const dx = binary(b, 'Mul', projected, repeated(c, binary(b, 'Mul', c.read(gamma), s), pixels));
  const vector = identity(1);
  return [
    { value: dx, perm },
    { value: dgamma, perm: vector },
    { value: dbeta, perm: vector },
  ];
};

/** Space, then N, then C: the layout of images, for any rank. */
function channelsLast({ shape }: Value): Perm {
  return shape.length === 4 ? IMAGE : [...identity(shape.length).slice(2), 0, 1];
}

/** x − mean, made once for the forward and the backward pass. */
function centred(c: PortableContext, x: PhysicalValue, mean: PhysicalValue): PhysicalValue {
  return c.shared(x, `minus ${mean.name}`, () => binary(c.b, 'Sub', x, repeated(c, mean, x)));
}

/** 1 / √(variance + epsilon). */
function inverseDeviation(c: PortableContext, variance: PhysicalValue, epsilon: number): PhysicalValue {
  return c.shared(variance, `deviation ${epsilon}`, () => {
    const root = c.b.emit('Sqrt', [binary(c.b, 'Add', variance, epsilon)], {}, variance.shape);
    return c.b.emit('Reciprocal', [root], {}, variance.shape);
  });
}

/** A vector [C] once for each of the N rows of x [..., N, C]. */
function repeated(c: PortableContext, vector: PhysicalValue, x: PhysicalValue): PhysicalValue {
  const shape = x.shape.slice(-2);
  if (x.shape.length === 2) return vector;
  return c.shared(vector, `rows ${shape.join()}`, () => c.b.emit('Expand', [vector, c.b.ints(shape)], {}, shape));
}

/** Σ over all axes but the last: over space first, then over N. */
function perChannelSum(b: PhysicalBuilder, x: PhysicalValue): PhysicalValue {
  const space = identity(x.shape.length - 2);
  return reduce(b, 'ReduceSum', reduce(b, 'ReduceSum', x, space), [0]);
}

function valuesAt(inputs: readonly Value[], count: number): readonly Value[] {
  if (inputs.length !== count) throw new RangeError(`Batch normalisation must have ${count} inputs`);
  return inputs;
}
