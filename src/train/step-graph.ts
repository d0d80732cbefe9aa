/** @file The graphs of a training: the step, what norms make of a first batch, the evaluation, and a look without moving. */

import { axesOf, reshape } from '../graph/arithmetic.ts';
import { type Graph, parametersOf, type Update, type Value } from '../graph/graph.ts';
import type { BuiltProblem, Problem } from '../problems/problem.ts';
import { keepNeeded, type Kept } from './kept.ts';
import { DIVISORS } from './zero-divisors.ts';
import { descend, type OptimiserSettings } from './optimisers/descent.ts';
import { movableOf } from './optimisers/trained.ts';

/** A step under construction, for those who add outputs to it. */
export interface StepParts extends BuiltProblem {
  readonly parameters: readonly Value[];
  /** One per parameter. */
  readonly gradients: readonly Value[];
  /** What the optimiser writes: parameters and its own state. */
  readonly updates: readonly Update[];
}

/** Outputs that a readout adds to the step: values by output name. */
export type StepOutputs = (parts: StepParts) => Readonly<Record<string, Value>>;

/**
 * Forward, backward, norm statistics and optimiser in one graph. Fed what the problem is and `learningRate`; gives `loss`
 * and the problem's outputs for the batch before the update, and what readouts add. Keeps in scratch what they need.
 */
export function buildStep(
  name: string,
  problem: Problem,
  batchSize: number,
  optimiser: OptimiserSettings,
  readouts: readonly StepOutputs[] = [],
  needs: readonly Kept[] = [],
): Graph {
  const built = problem.build({ mode: 'train', batchSize });
  const { g, network, loss, outputs } = built;
  const parameters = parametersOf(built.g);
  const trainable = { inputs: g.inputs, layers: network.layers, isSideBySide: built.networks !== undefined };
  const movable = movableOf(trainable, optimiser.trained);
  const { gradients, updates } = descend(g, loss, parameters, optimiser, movable);
  const divisors = smallestDivisors(built);
  const parts: StepParts = { ...built, parameters, gradients, updates };
  const read = g.inScope('probe', () => readouts.map((outputsOf) => outputsOf(parts)));
  const written = keepNeeded(parts, needs);
  return g.finish(name, Object.assign({ loss, ...outputs, ...divisors }, ...read), [
    ...updates,
    ...network.updates,
    ...written,
  ]);
}

/** The smallest size of what each norm divides by, so that a loss that is no number can be explained; often none. */
function smallestDivisors({ g, network }: BuiltProblem): Readonly<Record<string, Value>> {
  if (network.divisors.size === 0) return {};
  const smallest = g.inScope(DIVISORS, () =>
    [...network.divisors.values()].map(({ value }) => {
      const axes = axesOf(value);
      const negative = g.emit('Neg', [g.emit('Abs', [value])]);
      const least = axes.length === 0 ? negative : g.emit('ReduceMax', [negative], { axes, keepdims: false });
      return reshape(g, least, [1]);
    }),
  );
  return { [DIVISORS]: g.inScope(DIVISORS, () => g.emit('Concat', smallest, { axis: 0 })) };
}

/**
 * What norms make of a first batch: weights, scales and state to start from. Run once, before the first step.
 * @returns undefined where no norm of the network starts so
 */
export function buildFirst(problem: Problem, batchSize: number): Graph | undefined {
  const { g, network } = problem.build({ mode: 'first', batchSize });
  return network.updates.length === 0 ? undefined : g.finish('first', {}, network.updates);
}

/**
 * What an evaluation averages, per example [N], with running statistics.
 * @returns undefined where the problem is not evaluated
 */
export function buildEvaluation(problem: Problem, batchSize: number): Graph | undefined {
  const { g, examples } = problem.build({ mode: 'eval', batchSize });
  return examples === undefined ? undefined : g.finish('evaluation', examples());
}

/** The loss, the outputs and the prediction on a batch's own statistics, with nothing written. */
export function buildFrozen(problem: Problem, batchSize: number): Graph {
  const { g, loss, outputs, prediction } = problem.build({ mode: 'frozen', batchSize });
  return g.finish('frozen', { loss, ...outputs, prediction });
}
