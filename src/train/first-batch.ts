/** @file The start of norms that make something of a first batch: weight norm its scales, spectral norm its vectors. */

import { SettingError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { Device, Tensors } from '../runtime/device.ts';

/**
 * Lets those norms write what they make of a batch; most networks have none, and nothing to write.
 * @param graph - of mode `first`; undefined where no norm starts so
 * @throws {SettingError} where there is such a norm and no batch.
 */
export async function startFromBatch(
  device: Device,
  graph: Graph | undefined,
  batch: Tensors | undefined,
  seed: number,
): Promise<void> {
  if (graph === undefined) return;
  if (batch === undefined) {
    throw new SettingError("A norm of this network starts from a first batch, got none; pass it as 'firstBatch'");
  }
  // A norm may start from x alone: what its graph does not ask for is left out.
  const asked = new Set(graph.inputs.map(({ value }) => value.name));
  const program = await device.load(graph, 'state');
  const feeds = Object.fromEntries(Object.entries(batch).filter(([name]) => asked.has(name)));
  await program.run(feeds, { seed, step: 0 });
  await program.release();
}
