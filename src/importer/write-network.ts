/** @file The file of a network with its norms put back: the same in evaluation mode, and one that can be trained. */

import { DataError } from '../errors.ts';
import { defaultNormSettings } from '../norms/norm.ts';
import { withNorms } from '../onnx/with-norms.ts';
import type { ImportedNetwork } from './import-network.ts';
import { type ChannelStatistics } from './fixed.ts';

/**
 * @param bytes - of the file that the network was read from
 * @param statistics - by layer, as `channelStatistics` has them
 * @returns an ONNX model in which each of these layers is followed by BatchNormalization with gamma = √(variance + epsilon),
 *   beta = mean, and the layer's mean and biased variance as running statistics
 * @throws {DataError} for a layer that is not the network's
 */
export function fileWithNorms(
  bytes: Uint8Array,
  { plan }: ImportedNetwork,
  statistics: ReadonlyMap<string, ChannelStatistics>,
): Uint8Array {
  const { epsilon, momentum } = defaultNormSettings;
  const nodes = new Map([...plan.layers].map(([node, layer]) => [layer, node]));
  const norms = [...statistics].map(([layer, { mean, variance }]) => {
    const behind = nodes.get(layer)?.outputs[0];
    if (behind === undefined) throw new DataError(`A norm must follow a layer of the network, got '${layer}'`);
    return {
      behind,
      name: `${layer}/norm`,
      gamma: variance.map((value) => Math.sqrt(value + epsilon)),
      beta: mean,
      runningMean: mean,
      runningVariance: variance,
      epsilon,
      momentum: 1 - momentum,
    };
  });
  return withNorms(bytes, norms);
}
