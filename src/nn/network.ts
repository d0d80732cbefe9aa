/** @file What is known while a network is being built: the graph, the mode, and what layers leave behind. */

import type { GraphBuilder } from '../graph/builder.ts';
import type { Update, Value } from '../graph/graph.ts';

/**
 * Which statistics normalisation uses. `first`: the batch's, and norms that start from a first batch write what they make
 * of it; `train`: the batch's, and running statistics are updated. `frozen`: the batch's,
 * and running statistics stay as they are (what probes use). `eval`: the running ones.
 */
export type Mode = 'first' | 'train' | 'frozen' | 'eval';

/** What one hidden layer leaves for whoever wants to look at it: a probe, or a study. */
export interface LayerTrace {
  readonly name: string;
  /** What its linear map makes of its input, with the bias where that is not behind the norm. */
  readonly linear: Value;
  /** What its norm makes of its own input, with the bias where that is behind it; that input where there is no norm. */
  readonly normed: Value;
  /** What its activation is given: with placement `before`, the normed value and what is added to it. */
  readonly summed: Value;
  /** What is added to it before the activation, in residual networks. */
  readonly residual: Value | undefined;
  /** What it hands to the next layer. */
  readonly output: Value;
  /** Its own, in the order in which they were declared: weight, bias, gamma, beta. */
  readonly parameters: readonly Value[];
  /** What its norm computed on its way, such as `mean` and `variance`. */
  readonly statistics: ReadonlyMap<string, Value>;
}

/** What a norm divides by, which may become 0 exactly: then nothing that follows is a number. */
export interface Divisor {
  readonly value: Value;
  /** What it is, as "divides by …" goes on. */
  readonly what: string;
  /** What keeps it from 0, as "…; " goes on. */
  readonly repair: string;
}

/** A network under construction. */
export interface Network {
  readonly g: GraphBuilder;
  readonly mode: Mode;
  /** State that a step writes, such as running statistics; filled in modes `train` and `first` only. */
  readonly updates: Update[];
  /** Its hidden layers, in the order in which they were built. */
  readonly layers: LayerTrace[];
  /** What a norm computes on its way, such as `conv1/norm/mean`. */
  readonly quantities: Map<string, Value>;
  /** By the name of the norm's place, such as `conv1/norm`, what it divides by without an epsilon. */
  readonly divisors: Map<string, Divisor>;
}

export function newNetwork(g: GraphBuilder, mode: Mode): Network {
  return { g, mode, updates: [], layers: [], quantities: new Map(), divisors: new Map() };
}
