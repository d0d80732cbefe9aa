/** @file The file of a network with its norms put back: the same in evaluation mode, and one that can be trained. */

import { DataError } from '../errors.ts';
import { withNorms } from '../onnx/with-norms.ts';
import type { ImportedNetwork } from './import-network.ts';
import type { ChannelStatistics } from './fixed.ts';
import { normFrom, putBackName } from './norm-changes.ts';

/**
 * @param bytes - of the file that the network was read from
 * @param statistics - by layer, as `channelStatistics` has them
 * @returns an ONNX model in which each of these layers is followed by BatchNormalization, as {@link normFrom} makes it
 * @throws {DataError} for a layer that is not the network's
 */
export function fileWithNorms(
  bytes: Uint8Array,
  { plan }: ImportedNetwork,
  statistics: ReadonlyMap<string, ChannelStatistics>,
): Uint8Array {
  const nodes = new Map([...plan.layers].map(([node, layer]) => [layer, node]));
  const norms = [...statistics].map(([layer, found]) => {
    const behind = nodes.get(layer)?.outputs[0];
    if (behind === undefined) throw new DataError(`A norm must follow a layer of the network, got '${layer}'`);
    const norm = normFrom(found);
    return { ...norm, behind, name: putBackName(layer), momentum: 1 - norm.momentum };
  });
  return withNorms(bytes, norms);
}
