/**
 * @file Batch normalisation of images in blocks of channels. Scaling, shifting, the residual sum and the activation are
 * one convolution of each channel with one number; sums are read off without an intermediate.
 */

import type { Node, Value } from '../../../graph/graph.ts';
import type { PhysicalBuilder, PhysicalValue } from '../../../graph/physical.ts';
import { identity } from '../../../graph/stored-layout.ts';
import { elementCount, sizeAt } from '../../../graph/tensor-type.ts';
import {
  batchNormalizationGradRule,
  batchNormalizationRule,
  inverseDeviation,
  shareCentre,
  sharedCentre,
  shifted,
  varianceOf,
} from '../batch-norm.ts';
import type { FastContext, Rule } from '../context.ts';
import { binary, filled, reduce, slice } from '../emit.ts';
import { BLOCKED, type Laid } from '../layout.ts';
import { Pending } from '../pending.ts';
import { affine, declared, spatialDot, spatialMean, stored } from './nchwc.ts';

/**
 * As the portable rule has it: y = a · (x − mean) + beta with a = gamma / √(variance + epsilon), where x − mean is centre −
 * offset, and what is subtracted first is the mean of one row of pixels: the mean of an image is one running sum here, which
 * of many large numbers is rounded away.
 */
export const blockedBatchNormalizationRule: Rule<'BatchNormalization'> = (c, node) => {
  const { b } = c;
  const [x, gamma, beta] = node.inputs as readonly [Value, Value, Value];
  if (c.layoutOf(x) !== BLOCKED) return batchNormalizationRule(c, node);
  const laid = c.read(x, BLOCKED);
  const near = meanOf(b, declared(b, slice(b, laid, [{ axis: 2, start: 0, end: 1 }])));
  const centre = centred(b, declared(b, laid), near);
  const offset = meanOf(b, centre);
  const mean = binary(b, 'Add', near, offset);
  shareCentre(b, x, mean, { centre, offset });
  const square = overBatch(b, spatialDot(b, centre, centre), sizeAt(x.shape, 1) / elementCount(x.shape));
  const variance = varianceOf(b, square, offset);
  const a = binary(b, 'Mul', c.read(gamma), inverseDeviation(b, variance, node.attrs.epsilon));
  const shift = shifted(b, c.read(beta), a, offset);
  const y = new Pending({
    takesBias: false,
    isCheap: true,
    space: 'images',
    emit: (tail) => affine(b, centre, a, { ...tail, bias: shift }),
    finish: (raw) => ({ value: stored(b, raw), perm: BLOCKED }),
  });
  const perm = identity(1);
  return [y, { value: mean, perm }, { value: variance, perm }];
};

/** As the portable rule has it: dx = a · (g − dbeta / m − d · s · dgamma / m), where a may be applied elsewhere. */
export const blockedBatchNormalizationGradRule: Rule<'BatchNormalizationGrad'> = (c, node) => {
  const { b } = c;
  const [x, gamma, meanValue, variance, g] = node.inputs as readonly [Value, Value, Value, Value, Value];
  if (c.layoutOf(x) !== BLOCKED) return batchNormalizationGradRule(c, node);
  const gradient = declared(b, c.read(g, BLOCKED));
  const mean = c.read(meanValue);
  const { centre, offset } = sharedCentre(b, x, mean, () => centred(b, declared(b, c.read(x, BLOCKED)), mean));
  const negative = -sizeAt(x.shape, 1) / elementCount(x.shape);
  const s = inverseDeviation(b, c.read(variance), node.attrs.epsilon);
  const a = binary(b, 'Mul', c.read(gamma), s);
  const pixels = sizeAt(x.shape, 2) * sizeAt(x.shape, 3);
  const dbeta = overBatch(b, spatialMean(b, gradient), pixels);
  const product = shifted(b, overBatch(b, spatialDot(b, gradient, centre), 1), dbeta, offset);
  const dgamma = binary(b, 'Mul', product, s);
  const slope = binary(b, 'Mul', binary(b, 'Mul', s, dgamma), negative);
  const shift = shifted(b, binary(b, 'Mul', dbeta, negative), slope, offset);
  const dx = projected(c, node, { centre, gradient, a, slope, shift });
  const perm = identity(1);
  return [dx, { value: dgamma, perm }, { value: dbeta, perm }];
};

interface Terms {
  readonly centre: PhysicalValue;
  readonly gradient: PhysicalValue;
  readonly a: PhysicalValue;
  readonly slope: PhysicalValue;
  readonly shift: PhysicalValue;
}

/**
 * a · (g + slope · centre + shift). Where g ends here the sum is written over it and the scale left to whoever reads
 * the result; where g lives on it is the small sum that is written over.
 */
function projected(
  c: FastContext,
  { inputs, outputs }: Node<'BatchNormalizationGrad'>,
  { centre, gradient, a, slope, shift }: Terms,
): Laid | Pending {
  const { b } = c;
  const [output] = outputs;
  const [, , , , g] = inputs as readonly [Value, Value, Value, Value, Value];
  if (c.usesOf(g) > 1) {
    const scaledSlope = binary(b, 'Mul', slope, a);
    const scaledShift = binary(b, 'Mul', shift, a);
    const sum = affine(b, centre, scaledSlope);
    return { value: stored(b, affine(b, gradient, a, { bias: scaledShift, sum })), perm: BLOCKED };
  }
  const images = affine(b, centre, slope, { bias: shift, sum: gradient });
  if (output !== undefined) c.noteFactored(output, { images: { value: stored(b, images), perm: BLOCKED }, scale: a });
  return new Pending({
    takesBias: false,
    isCheap: true,
    space: 'images',
    emit: (tail) => affine(b, images, a, tail),
    finish: (raw) => ({ value: stored(b, raw), perm: BLOCKED }),
  });
}

/** x − mean per channel. */
function centred(b: PhysicalBuilder, images: PhysicalValue, mean: PhysicalValue): PhysicalValue {
  const C = sizeAt(mean.shape, 0);
  return affine(b, images, filled(b, 1, [C]), { bias: b.emit('Neg', [mean], {}, mean.shape) });
}

/** The mean over space, then over the batch, [C]; divided, as the portable rule has it. */
function meanOf(b: PhysicalBuilder, images: PhysicalValue): PhysicalValue {
  return binary(b, 'Div', reduce(b, 'ReduceSum', spatialMean(b, images), [0]), sizeAt(images.shape, 0));
}

/** factor · Σ over the batch of [N, C]. */
function overBatch(b: PhysicalBuilder, perImage: PhysicalValue, factor: number): PhysicalValue {
  const sum = reduce(b, 'ReduceSum', perImage, [0]);
  return factor === 1 ? sum : binary(b, 'Mul', sum, factor);
}
