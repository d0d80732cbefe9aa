/** @file What fixes the study of weight normalisation: sizes of its cases, and of its training. */

import type { JsonObject } from '../../records/canonical-json.ts';
import type { LayerSizes } from '../normed-layer.ts';

export interface WeightNormProtocol extends JsonObject, LayerSizes {
  /** How many seeds, each with cases and a training of its own. */
  readonly seeds: number;
  readonly cases: number;
  /** Training: steps, the rate of plain gradient descent, and the network's width and classes. */
  readonly steps: number;
  readonly learningRate: number;
  readonly width: number;
  readonly classes: number;
  readonly batchSize: number;
}
