/** @file A model with its data inputs and loss, in one mode: where every graph of a training run begins. */

import { GraphBuilder, type StoredView } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import type { FloatType } from '../graph/tensor-type.ts';
import { type ModelName, models } from '../models/index.ts';
import type { ModelSettings } from '../models/model.ts';
import { accuracy, crossEntropy } from '../nn/losses.ts';
import { type Mode, type Network, newNetwork } from '../nn/network.ts';
import { ops } from '../ops/index.ts';

/** Which network, on inputs of which shape. */
export interface NetworkSpec {
  readonly model: ModelName;
  readonly modelSettings: ModelSettings;
  /** [C, H, W]. */
  readonly imageShape: readonly [number, number, number];
  readonly batchSize: number;
  readonly float: FloatType;
}

export interface NetworkGraph {
  readonly g: GraphBuilder;
  readonly network: Network;
  /** Input `x`, [N, C, H, W]. */
  readonly x: Value;
  /** Input `labels`, int32 [N]. */
  readonly labels: Value;
  readonly logits: Value;
  /** Mean cross-entropy, without weight decay. */
  readonly loss: Value;
  readonly accuracy: Value;
  readonly parameters: readonly Value[];
}

/** @param view - what the network computes with in place of each parameter and state; default that itself. */
export function buildNetwork(spec: NetworkSpec, mode: Mode, view?: StoredView): NetworkGraph {
  const g = new GraphBuilder(ops, spec.float, view);
  const network = newNetwork(g, mode);
  const x = g.input('x', [spec.batchSize, ...spec.imageShape], { kind: 'data' });
  const labels = g.input('labels', [spec.batchSize], { kind: 'data' }, 'int32');
  const logits = models[spec.model].build(network, x, spec.modelSettings);
  const loss = g.inScope('loss', () => crossEntropy(g, logits, labels));
  const hits = g.inScope('accuracy', () => accuracy(g, logits, labels));
  const parameters = g.inputs.filter(({ role }) => role.kind === 'parameter').map(({ value }) => value);
  return { g, network, x, labels, logits, loss, accuracy: hits, parameters };
}
