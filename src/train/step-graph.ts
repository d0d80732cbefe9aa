/** @file The training step, and the evaluation, as graphs. */

import type { Graph, Update, Value } from '../graph/graph.ts';
import { correct, logLikelihoods } from '../nn/losses.ts';
import { descend } from './descent.ts';
import { buildNetwork, type NetworkGraph, type NetworkSpec } from './network-graph.ts';
import { type OptimiserSettings, sgd } from './optimiser.ts';

/** A step under construction, for those who add outputs to it. */
export interface StepParts extends NetworkGraph {
  /** One per parameter. */
  readonly gradients: readonly Value[];
  /** What the optimiser writes: parameters and its own state. */
  readonly updates: readonly Update[];
  /** Has the step leave a value in the scratch of a name, for graphs of a probe's own. */
  readonly keep: (scratch: string, value: Value) => void;
}

/** Outputs that a probe reads off the step: values by output name. */
export type StepOutputs = (parts: StepParts) => Readonly<Record<string, Value>>;

/**
 * Forward, backward, norm statistics and optimiser in one graph. Feeds `x`, `labels` and `learningRate`; gives `loss`
 * and `accuracy` of the batch before the update, and what probes read off.
 */
export function buildStep(
  name: string,
  spec: NetworkSpec,
  optimiser: OptimiserSettings,
  probes: readonly StepOutputs[] = [],
): Graph {
  const parts = buildNetwork(spec, 'train');
  const { g, network, loss, accuracy, parameters } = parts;
  const { gradients, updates } = descend(g, loss, parameters, (learningRate, moved, along) =>
    g.inScope('sgd', () => sgd(g, learningRate, moved, along, optimiser)),
  );
  const kept = new Map<string, Value>();
  const keep = (scratch: string, value: Value): unknown => kept.set(scratch, value);
  const read = g.inScope('probe', () => probes.map((outputs) => outputs({ ...parts, gradients, updates, keep })));
  const written = [...kept].map(([scratch, next]) => ({
    state: g.input(scratch, next.shape, { kind: 'scratch' }),
    next,
  }));
  return g.finish(name, Object.assign({ loss, accuracy }, ...read), [...updates, ...network.updates, ...written]);
}

/**
 * What norms make of a first batch: weights, scales and state to start from. Run once, before the first step.
 * @returns undefined where no norm of the network starts so
 */
export function buildFirst(spec: NetworkSpec): Graph | undefined {
  const { g, network } = buildNetwork(spec, 'first');
  return network.updates.length === 0 ? undefined : g.finish('first', {}, network.updates);
}

/** Feeds `x` and `labels`; gives per example the cross-entropy `losses` and `correct` (0 or 1), with running statistics. */
export function buildEvaluation(spec: NetworkSpec): Graph {
  const { g, logits, labels } = buildNetwork(spec, 'eval');
  const losses = g.emit('Neg', [logLikelihoods(g, logits, labels)]);
  return g.finish('evaluation', { losses, correct: correct(g, logits, labels) });
}
