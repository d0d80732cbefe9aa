/** @file What can be made of pixels before a network sees them: the usual scalings, as a table, and applying one. */

import { counted } from '../counted.ts';
import { elementCount } from '../graph/tensor-type.ts';
import { DataError } from '../errors.ts';

/** Channel c of what is fed: (source[order[c]] · multiple − mean[c]) / std[c], source from 0 to 255, or 255 − source. */
export interface Scaling {
  readonly name: string;
  /** As users write it: "pixel / 255". */
  readonly formula: string;
  /** By which pixels are multiplied first. */
  readonly multiple: number;
  /** Per channel, or one for all. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Blue first. */
  readonly isReversed?: boolean;
  /** Ink for paper. */
  readonly isInverted?: boolean;
}

/** What a scaling reads of examples. */
interface Source {
  readonly x: ArrayLike<number>;
  /** Of one example: [C, H, W], or [D]. */
  readonly shape: readonly number[];
}

const plain = { multiple: 1 / 255, mean: [0], std: [1] } as const;
const zeroToOne: Scaling = { name: '0..1', formula: 'pixel / 255', ...plain };
const imagenet: Scaling = {
  name: 'imagenet',
  formula: '(pixel / 255 − [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]',
  multiple: 1 / 255,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};
const cifar: Scaling = {
  name: 'cifar10',
  formula: '(pixel / 255 − [0.4914, 0.4822, 0.4465]) / [0.247, 0.2435, 0.2616]',
  multiple: 1 / 255,
  mean: [0.4914, 0.4822, 0.4465],
  std: [0.247, 0.2435, 0.2616],
};
const symmetric: Scaling = { name: '-1..1', formula: 'pixel / 127.5 − 1', multiple: 1 / 255, mean: [0.5], std: [0.5] };
const raw: Scaling = { name: '0..255', formula: 'the pixel as it is', multiple: 1, mean: [0], std: [1] };
const mnist: Scaling = {
  name: 'mnist',
  formula: '(pixel / 255 − 0.1307) / 0.3081',
  multiple: 1 / 255,
  mean: [0.1307],
  std: [0.3081],
};
/** Caffe's means, which Keras's `caffe` mode of preprocess_input subtracts, blue first. */
const caffe: Scaling = {
  name: 'caffe',
  formula: 'pixel − [103.939, 116.779, 123.68], blue first',
  multiple: 1,
  mean: [103.939, 116.779, 123.68],
  std: [1],
  isReversed: true,
};

const reversed = (scaling: Scaling): Scaling => ({
  ...scaling,
  name: `${scaling.name}-bgr`,
  formula: `${scaling.formula}, blue first`,
  isReversed: true,
});
const inverted = (scaling: Scaling): Scaling => ({
  ...scaling,
  name: `${scaling.name}-inverted`,
  formula: `${scaling.formula} of 255 − pixel`,
  isInverted: true,
});

/** What is fed as it is: numbers that are no pixels. */
export const asGiven: Scaling = { name: 'as-given', formula: 'the number as it is', multiple: 1, mean: [0], std: [1] };

const ofColour: readonly Scaling[] = [
  zeroToOne,
  raw,
  symmetric,
  imagenet,
  cifar,
  reversed(zeroToOne),
  reversed(raw),
  reversed(symmetric),
  reversed(imagenet),
  reversed(cifar),
  caffe,
  inverted(zeroToOne),
  inverted(raw),
  inverted(symmetric),
  inverted(imagenet),
  inverted(cifar),
];
const ofGrey: readonly Scaling[] = [
  zeroToOne,
  raw,
  symmetric,
  mnist,
  inverted(zeroToOne),
  inverted(raw),
  inverted(symmetric),
  inverted(mnist),
];

/** The scalings that are tried on images of so many channels: 16 of colour, 8 of grey ones; none of other shapes. */
export function scalingsFor({
  shape,
  isPixels,
}: Pick<Source, 'shape'> & { readonly isPixels: boolean }): readonly Scaling[] {
  if (!isPixels) return [];
  return shape.length === 3 && shape[0] === 3 ? ofColour : ofGrey;
}

/** The scaling by a data set's own means and deviations, as training standardises it. */
export function standardScaling({
  mean,
  std,
}: {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}): Scaling {
  const known = [mnist, cifar].find((one) => one.mean.join() === mean.join() && one.std.join() === std.join());
  const list = (values: readonly number[]): string => (values.length === 1 ? `${values[0]}` : `[${values.join(', ')}]`);
  return (
    known ?? { name: 'standard', formula: `(pixel / 255 − ${list(mean)}) / ${list(std)}`, multiple: 1 / 255, mean, std }
  );
}

/** Of each channel of what is fed, after the order of channels: y = factor · x + offset. */
export interface Rescaling {
  readonly factor: readonly number[];
  readonly offset: readonly number[];
  /** The last channel first. */
  readonly isReversed: boolean;
}

/**
 * What makes of pixels scaled as one has them what they are as the other has them.
 * @param from - neither reversed nor inverted, as training standardises
 * @throws {DataError} where a scaling has means for another number of channels
 */
export function rescaling(from: Scaling, to: Scaling, channels: number): Rescaling {
  const of = (values: readonly number[], c: number): number => (values.length === 1 ? values[0] : values[c]) as number;
  if ([from.mean, from.std, to.mean, to.std].some(({ length }) => length !== 1 && length !== channels))
    throw new DataError(`A scaling must be of ${counted(channels, 'channel')}, got '${from.name}' and '${to.name}'`);
  const { isReversed = false, isInverted = false } = to;
  const rows = Array.from({ length: channels }, (_, c) => {
    const own = isReversed ? channels - 1 - c : c;
    // The pixel is (x · std + mean) / multiple; 255 less it, of what is inverted.
    const slope = of(from.std, own) / from.multiple;
    const level = of(from.mean, own) / from.multiple;
    const [sign, start] = isInverted ? [-1, 255 - level] : [1, level];
    return {
      factor: (sign * slope * to.multiple) / of(to.std, c),
      offset: (start * to.multiple - of(to.mean, c)) / of(to.std, c),
    };
  });
  return { factor: rows.map(({ factor }) => factor), offset: rows.map(({ offset }) => offset), isReversed };
}

/**
 * Writes chosen examples, scaled, one after the other.
 * @param into - [chosen, …shape]
 * @throws {DataError} where a scaling has means for another number of channels than the examples.
 */
export function scaleInto(
  into: Float32Array,
  { x, shape }: Source,
  { multiple, mean, std, isReversed = false, isInverted = false }: Scaling,
  chosen: ArrayLike<number>,
): void {
  const channels = shape.length === 3 ? (shape[0] as number) : 1;
  const wrong = [mean, std].find(({ length }) => length !== 1 && length !== channels);
  if (wrong !== undefined) {
    throw new DataError(
      `A scaling of ${wrong.length} channels must be given as many, got images of [${shape.join(',')}]`,
    );
  }
  const size = elementCount(shape);
  const plane = size / channels;
  let to = 0;
  for (let i = 0; i < chosen.length; i++) {
    for (let c = 0; c < channels; c++) {
      let from = (chosen[i] as number) * size + (isReversed ? channels - 1 - c : c) * plane;
      const shift = mean[mean.length === 1 ? 0 : c] as number;
      const factor = 1 / (std[std.length === 1 ? 0 : c] as number);
      for (const end = from + plane; from < end; from++, to++) {
        const value = x[from] as number;
        into[to] = ((isInverted ? 255 - value : value) * multiple - shift) * factor;
      }
    }
  }
}
