/** @file What a network of a file is fed: its one input, and the sizes of an example. */

import { SettingError, UnsupportedOpError } from '../errors.ts';
import type { OnnxGraph, OnnxPort, OnnxSize } from '../onnx/model.ts';

/** @throws {UnsupportedOpError} for a network of several inputs, or none. */
export function fedInput({ inputs }: OnnxGraph): OnnxPort {
  const [input, ...others] = inputs;
  if (input !== undefined && others.length === 0) return input;
  const names = inputs.map(({ name }) => `'${name}'`).join(', ');
  throw new UnsupportedOpError(
    `A network must have one input to be trained here, got ${inputs.length === 0 ? 'none' : names}`,
  );
}

/** The batch that a file is fixed to; undefined where it is open. */
export function fixedBatch({ shape }: OnnxPort): number | undefined {
  const first = shape?.[0];
  return typeof first === 'number' ? first : undefined;
}

/**
 * The sizes of one example, as the file says or as they are given.
 * @param asked - sizes without the batch, for what the file leaves open
 * @throws {SettingError} where neither says, or they disagree
 */
export function exampleShape({ name, shape }: OnnxPort, asked?: readonly number[]): readonly number[] {
  const stated = shape?.slice(1);
  const text = (sizes: readonly OnnxSize[]): string => `[${sizes.map((size) => size ?? '?').join(', ')}]`;
  if (asked === undefined) {
    if (
      stated?.length !== undefined &&
      stated.length > 0 &&
      stated.every((size) => typeof size === 'number' && size > 0)
    ) {
      return stated as readonly number[];
    }
    throw new SettingError(
      `The sizes of an example of '${name}' must be known, and the file says ${stated === undefined ? 'nothing' : text(stated)}; give them, as --shape 3,32,32`,
    );
  }
  const fits =
    stated === undefined ||
    (stated.length === asked.length &&
      stated.every((size, axis) => typeof size !== 'number' || size <= 0 || size === asked[axis]));
  if (fits) return asked;
  throw new SettingError(
    `The sizes of an example of '${name}' must fit the file, which says ${text(stated)}, got ${text(asked)}`,
  );
}
