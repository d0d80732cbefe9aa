/** @file What is known while a network is being built: the graph, the mode, and what layers leave behind. */

import type { GraphBuilder } from '../graph/builder.ts';
import type { Update, Value } from '../graph/graph.ts';

/**
 * Which statistics normalisation uses. `first`: the batch's, and norms that start from a first batch write what they make
 * of it; `train`: the batch's, and running statistics are updated. `frozen`: the batch's,
 * and running statistics stay as they are (what probes use). `eval`: the running ones.
 */
export type Mode = 'first' | 'train' | 'frozen' | 'eval';

/** A network under construction. */
export interface Network {
  readonly g: GraphBuilder;
  readonly mode: Mode;
  /** State that a step writes, such as running statistics; filled in modes `train` and `first` only. */
  readonly updates: Update[];
  /** Activations by layer name, for whoever wants to look at them: what each layer hands to the next. */
  readonly activations: Map<string, Value>;
  /** What a norm computes on its way, such as `conv1/norm/mean`. */
  readonly quantities: Map<string, Value>;
}

export function newNetwork(g: GraphBuilder, mode: Mode): Network {
  return { g, mode, updates: [], activations: new Map(), quantities: new Map() };
}
