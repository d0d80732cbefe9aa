/** @file Strides, padding and dilation of windows, as ONNX gives them: one axis or two, stated or found by `auto_pad`. */

import { refusal, type Site } from './site.ts';

type Pair = readonly [number, number];

export interface Window {
  readonly strides: Pair;
  readonly dilations: Pair;
  /** Top, left, bottom, right. */
  readonly pads: readonly [number, number, number, number];
}

/**
 * @param kernel - taps per axis, [rows, columns]
 * @param image - height and width of what the windows move over
 */
export function windowOf(site: Site, kernel: readonly number[], image: Pair): Window {
  const { attributes } = site;
  const strides = pair(attributes.ints('strides') ?? []);
  const dilations = pair(attributes.ints('dilations') ?? []);
  const auto = attributes.string('auto_pad', 'NOTSET');
  if (auto === 'VALID') return { strides, dilations, pads: [0, 0, 0, 0] };
  /** So much before and behind that there are ⌈size / stride⌉ windows; the odd one goes where the name says. */
  const sides = (axis: 0 | 1): Pair => {
    const reach = (axisOf(kernel, axis) - 1) * dilations[axis] + 1;
    const windows = Math.ceil(image[axis] / strides[axis]);
    const total = Math.max(0, (windows - 1) * strides[axis] + reach - image[axis]);
    const less = Math.floor(total / 2);
    return auto === 'SAME_UPPER' ? [less, total - less] : [total - less, less];
  };
  if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') {
    const [top, bottom] = sides(0);
    const [left, right] = sides(1);
    return { strides, dilations, pads: [top, left, bottom, right] };
  }
  if (auto !== 'NOTSET') throw refusal(site, `its auto_pad must be one of ONNX's, got '${auto}'`);
  const pads = attributes.ints('pads') ?? [];
  if (pads.length === 2) return { strides, dilations, pads: [0, pads[0] ?? 0, 0, pads[1] ?? 0] };
  const [top = 0, left = 0, bottom = 0, right = 0] = pads;
  return { strides, dilations, pads: [top, left, bottom, right] };
}

/** One number per axis; of a single axis the rows are 1. */
function pair(numbers: readonly number[]): Pair {
  const [first = 1, second] = numbers;
  return second === undefined ? [1, first] : [first, second];
}

function axisOf(numbers: readonly number[], axis: number): number {
  return numbers[axis] ?? 1;
}
