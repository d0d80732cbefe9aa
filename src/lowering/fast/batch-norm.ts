/**
 * @file Batch normalisation of [N, C] or images [H, W, N, C]. Statistics are sums over rows of N · C numbers, then over
 * N; what is per channel is repeated to [N, C], so that ORT broadcasts long runs. Of a single
 * example [1, C, L] a channel is one run of L numbers, and is summed as it lies.
 */

import { counted } from '../../counted.ts';
import type { Value } from '../../graph/graph.ts';
import type { PhysicalBuilder, PhysicalValue } from '../../graph/physical.ts';
import { elementCount, sameShape, sizeAt } from '../../graph/tensor-type.ts';
import type { FastContext, Rule } from './context.ts';
import { binary, filled, reduce, reshape, slice } from './emit.ts';
import { identity, type Perm } from '../../graph/stored-layout.ts';
import { IMAGE } from './layout.ts';

/**
 * y = a · (x − mean) + beta with a = gamma / √(variance + epsilon). The variance is the mean of (x − mean)², since
 * E[x²] − mean² cancels where |mean| ≫ σ. A bias just before changes only the mean, and is never added to the images.
 *
 * The sum of many large numbers is rounded: the mean of a channel that is 10⁷ everywhere would be off by one. So what is
 * subtracted is near the mean only, and centre − offset is x − mean, where offset is the mean of centre, small numbers. It is
 * never written out: whatever is linear in it takes the offset by a vector per channel, and the variance is mean centre² −
 * offset². That cancels little, since what is near is the mean of the first row of pixels: with rows at its share p of all
 * pixels, offset² ≤ variance / p, and p is 1/32 or more of the images of a CIFAR network.
 */
export const batchNormalizationRule: Rule<'BatchNormalization'> = (c, { inputs, attrs }) => {
  const { b } = c;
  const [x, gamma, beta] = valuesAt(inputs, 3) as readonly [Value, Value, Value];
  const perm = layoutOf(x);
  const { images, bias } = withoutBias(c, x);
  const pixels = c.read(images, perm);
  const near = meanOf(b, firstRow(b, pixels, perm), perm);
  const centre = binary(b, 'Sub', pixels, repeated(b, near, pixels, perm));
  const offset = meanOf(b, centre, perm);
  const unbiased = binary(b, 'Add', near, offset);
  const mean = bias === undefined ? unbiased : binary(b, 'Add', unbiased, vector(c, bias));
  shareCentre(b, x, mean, { centre, offset });
  const variance = varianceOf(b, meanOf(b, binary(b, 'Mul', centre, centre), perm), offset);
  const a = binary(b, 'Mul', c.read(gamma), inverseDeviation(b, variance, attrs.epsilon));
  const scaled = binary(b, 'Mul', centre, repeated(b, a, pixels, perm));
  const y = binary(b, 'Add', scaled, repeated(b, shifted(b, c.read(beta), a, offset), pixels, perm));
  return [
    { value: y, perm },
    { value: mean, perm: identity(1) },
    { value: variance, perm: identity(1) },
  ];
};

/**
 * With d = centre − offset, s = 1 / √(variance + epsilon), a = gamma · s and m elements per channel: dbeta = Σ g,
 * dgamma = s · Σ g · d, dx = a · (g − dbeta / m − d · s · dgamma / m). Whoever reads dx may apply a elsewhere.
 */
export const batchNormalizationGradRule: Rule<'BatchNormalizationGrad'> = (c, { inputs, outputs, attrs }) => {
  const { b } = c;
  const [x, gamma, meanValue, variance, g] = valuesAt(inputs, 5) as readonly [Value, Value, Value, Value, Value];
  const perm = layoutOf(x);
  const gradient = c.read(g, perm);
  const mean = c.read(meanValue);
  const { centre, offset } = sharedCentre(b, x, mean, () => {
    const pixels = c.read(x, perm);
    return binary(b, 'Sub', pixels, repeated(b, mean, pixels, perm));
  });
  const negative = -sizeAt(x.shape, 1) / elementCount(x.shape);
  const s = inverseDeviation(b, c.read(variance), attrs.epsilon);
  const dbeta = perChannelSum(b, gradient, perm);
  const product = shifted(b, perChannelSum(b, binary(b, 'Mul', gradient, centre), perm), dbeta, offset);
  const dgamma = binary(b, 'Mul', product, s);
  const slope = binary(b, 'Mul', binary(b, 'Mul', s, dgamma), negative);
  const shift = shifted(b, binary(b, 'Mul', dbeta, negative), slope, offset);
  const sloping = binary(b, 'Mul', centre, repeated(b, slope, gradient, perm));
  const towards = binary(b, 'Add', sloping, repeated(b, shift, gradient, perm));
  const projected = binary(b, 'Add', towards, gradient);
  const a = binary(b, 'Mul', c.read(gamma), s);
  const [dx] = outputs;
  if (dx !== undefined && perm === IMAGE) c.noteFactored(dx, { images: { value: projected, perm }, scale: a });
  return [
    { value: binary(b, 'Mul', projected, repeated(b, a, gradient, perm)), perm },
    { value: dgamma, perm: identity(1) },
    { value: dbeta, perm: identity(1) },
  ];
};

/** x − mean per channel, as centre − offset: images, and a vector [C]. */
interface Centre {
  readonly centre: PhysicalValue;
  readonly offset: PhysicalValue;
}

/** Keeps what the forward pass has made for the backward pass, with the mean that both know. */
export function shareCentre(b: PhysicalBuilder, x: Value, mean: PhysicalValue, { centre, offset }: Centre): void {
  b.shared(mean, `centre of ${x.name}`, () => centre);
  b.shared(mean, `offset of ${x.name}`, () => offset);
}

/** What was kept; where nothing was, x − mean as it is made, with offset 0. */
export function sharedCentre(b: PhysicalBuilder, x: Value, mean: PhysicalValue, make: () => PhysicalValue): Centre {
  return {
    centre: b.shared(mean, `centre of ${x.name}`, make),
    offset: b.shared(mean, `offset of ${x.name}`, () => filled(b, 0, mean.shape)),
  };
}

/** Of centre, from the mean of its squares. Where all of it is offset, rounding must not leave less than nothing. */
export function varianceOf(b: PhysicalBuilder, square: PhysicalValue, offset: PhysicalValue): PhysicalValue {
  const variance = binary(b, 'Sub', square, binary(b, 'Mul', offset, offset));
  return b.emit('Max', [variance, b.constant([0], [], 'float32')], {}, variance.shape);
}

/** What is added to slope · centre to make it slope · (centre − offset) + shift. */
export function shifted(
  b: PhysicalBuilder,
  shift: PhysicalValue,
  slope: PhysicalValue,
  offset: PhysicalValue,
): PhysicalValue {
  return binary(b, 'Sub', shift, binary(b, 'Mul', slope, offset));
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

/** A single example [1, C, L], which stays as it is. */
const BY_CHANNEL: Perm = [0, 1, 2];

/** Space, then N, then C: the layout of images, for any rank but that of {@link BY_CHANNEL}. */
function layoutOf({ shape }: Value): Perm {
  if (shape.length === 3 && shape[0] === 1) return BY_CHANNEL;
  return shape.length === 4 ? IMAGE : [...identity(shape.length).slice(2), 0, 1];
}

/** 1 / √(variance + epsilon). */
export function inverseDeviation(b: PhysicalBuilder, variance: PhysicalValue, epsilon: number): PhysicalValue {
  return b.shared(variance, `deviation ${epsilon}`, () => {
    const root = b.emit('Sqrt', [binary(b, 'Add', variance, epsilon)], {}, variance.shape);
    return b.emit('Reciprocal', [root], {}, variance.shape);
  });
}

/** A vector [C] once for each of the N rows of x [..., N, C]; as [C, 1] against x [1, C, L]. */
function repeated(b: PhysicalBuilder, vector: PhysicalValue, x: PhysicalValue, perm: Perm): PhysicalValue {
  if (perm === BY_CHANNEL) return reshape(b, vector, [...vector.shape, 1]);
  const shape = x.shape.slice(-2);
  if (x.shape.length === 2) return vector;
  return b.shared(vector, `rows ${shape.join()}`, () => b.emit('Expand', [vector, b.ints(shape)], {}, shape));
}

/** Σ over all axes but that of channels, one after the other, N last. */
function perChannelSum(b: PhysicalBuilder, x: PhysicalValue, perm: Perm): PhysicalValue {
  if (perm === BY_CHANNEL) return reduce(b, 'ReduceSum', reshape(b, x, x.shape.slice(1)), [1]);
  const space = identity(x.shape.length - 2).toReversed();
  return [...space, 0].reduce((sum, axis) => reduce(b, 'ReduceSum', sum, [axis]), x);
}

/** Divided, and not multiplied by a rounded 1 / count: the mean of equal small numbers is that number. */
function meanOf(b: PhysicalBuilder, x: PhysicalValue, perm: Perm): PhysicalValue {
  const sum = perChannelSum(b, x, perm);
  return binary(b, 'Div', sum, elementCount(x.shape) / elementCount(sum.shape));
}

/** Of images [H, W, N, C] the pixels of the first row; of [N, C] and [1, C, L] everything, which is little. */
function firstRow(b: PhysicalBuilder, x: PhysicalValue, perm: Perm): PhysicalValue {
  return x.shape.length === 2 || perm === BY_CHANNEL ? x : slice(b, x, [{ axis: 0, start: 0, end: 1 }]);
}

function valuesAt(inputs: readonly Value[], count: number): readonly Value[] {
  if (inputs.length !== count) throw new RangeError(`Batch normalisation must have ${counted(count, 'input')}`);
  return inputs;
}
