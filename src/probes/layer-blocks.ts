/** @file The blocks of a Hessian that belong to hidden layers: each a symmetric matrix of its own, on the parameters of a layer and its norm. */

import * as z from 'zod';
import { type Hessian, rangesOf } from '../curvature/hessian.ts';
import type { SymmetricOperator } from '../curvature/operator.ts';
import { type Range, restricted } from '../curvature/restricted.ts';
import type { Watched } from '../train/readout.ts';
import { layersAt } from './layer-units.ts';
import { distinct } from './settings.ts';

export interface LayerBlock {
  /** The name of the layer. */
  readonly layer: string;
  readonly block: SymmetricOperator;
  /** Where its parameters stand among all. */
  readonly ranges: readonly Range[];
}

/** What H's block is, as a definition goes on. */
export const blockText = 'the block of H that belongs to the parameters of one hidden layer and its norm';

/** The setting that names them. */
export const blockLayers: z.ZodDefault<z.ZodArray<z.ZodInt>> = distinct(z.int().min(1))
  .default([])
  .describe('hidden layers, counted from 1, no two alike, or none');

/**
 * What takes the Hessian of a step apart: its blocks at hidden layers, by their numbers from 1.
 * @throws {SettingError} for a number that is no hidden layer's.
 */
export function layerBlocks(
  { problem, batchSize }: Pick<Watched, 'problem' | 'batchSize'>,
  probe: string,
  layers: readonly number[],
): (hessian: Hessian) => readonly LayerBlock[] {
  const { network } = problem.build({ mode: 'frozen', batchSize });
  const parts = layersAt(probe, network.layers, layers).map(({ name, parameters }) => ({
    layer: name,
    owned: parameters.map((parameter) => parameter.name),
  }));
  return (hessian) =>
    parts.map(({ layer, owned }) => {
      const ranges = rangesOf(hessian, owned);
      return { layer, block: restricted(hessian, ranges), ranges };
    });
}
