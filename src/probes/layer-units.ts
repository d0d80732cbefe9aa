/** @file Which layers and units a probe looks at: chosen by their numbers and a stream, so that every arm has the same ones. */

import * as z from 'zod';
import { need, SettingError } from '../errors.ts';
import type { Value } from '../graph/graph.ts';
import { sizeAt } from '../graph/tensor-type.ts';
import { createStream } from '../math/random.ts';
import type { LayerTrace } from '../nn/network.ts';
import { distinct } from './settings.ts';

/** The setting that names hidden layers. */
export const hiddenLayers: z.ZodDefault<z.ZodArray<z.ZodInt>> = distinct(z.int().min(1))
  .min(1)
  .default([1])
  .describe('hidden layers, counted from 1, no two alike');

/** The setting that says how many units of each. */
export const unitCount: z.ZodDefault<z.ZodInt> = z
  .int()
  .min(1)
  .default(4)
  .describe('a number of units (channels) per layer, 1 or more');

/** The hidden layers with these numbers. @throws {SettingError} for one that is not there. */
export function layersAt(
  probe: string,
  layers: readonly LayerTrace[],
  numbers: readonly number[],
): readonly LayerTrace[] {
  const missing = numbers.find((number) => number > layers.length);
  if (missing !== undefined) {
    throw new SettingError(
      `Setting 'layers' of probe '${probe}' must name hidden layers from 1 to ${layers.length}, got ${missing}`,
    );
  }
  return numbers.map((number) => need(layers[number - 1], `hidden layer ${number}`));
}

/**
 * `count` different units of a layer, ascending; all of them where it has no more. They are drawn by the layer's name alone, so that
 * networks that differ in their norm, their seed or their rate are looked at in the same places.
 */
export function drawnUnits(layer: string, summed: Pick<Value, 'shape'>, count: number): readonly number[] {
  const order = createStream({ seed: 0, purpose: 'probe', layer }).permutation(sizeAt(summed.shape, 1));
  return Array.from(order.subarray(0, count)).toSorted((a, b) => a - b);
}
