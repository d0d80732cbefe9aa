/** @file The graphs of one training, each built once however many ask, and the name that they give a network. */

import type { Graph } from '../graph/graph.ts';
import { printGraph } from '../graph/print.ts';
import type { Problem } from '../problems/problem.ts';
import { canonicalJson } from '../records/canonical-json.ts';
import { hashJson } from '../records/hash.ts';
import type { OptimiserSettings } from './optimisers/descent.ts';
import { buildEvaluation, buildFirst, buildFrozen, buildStep } from './step-graph.ts';

export interface TrainingGraphs {
  readonly step: Graph;
  readonly first: Graph | undefined;
  readonly evaluation: Graph | undefined;
  /** SHA-256 over `about` and the text of every graph: equal for two trainings that compute the same. */
  readonly identity: string;
}

const known = new WeakMap<Problem, Map<string, TrainingGraphs>>();

/** The graphs of a problem as it is trained; the same object for the same request, as long as the problem lives. */
export function trainingGraphs(problem: Problem, batchSize: number, optimiser: OptimiserSettings): TrainingGraphs {
  const ofProblem = known.get(problem) ?? new Map<string, TrainingGraphs>();
  known.set(problem, ofProblem);
  const key = canonicalJson({ batchSize, optimiser });
  const found = ofProblem.get(key);
  if (found !== undefined) return found;
  const graphs = new LazyGraphs(problem, batchSize, optimiser);
  ofProblem.set(key, graphs);
  return graphs;
}

/** A graph is built when it is first asked for: a session that never evaluates builds no evaluation. */
class LazyGraphs implements TrainingGraphs {
  readonly #problem: Problem;
  readonly #batchSize: number;
  readonly #optimiser: OptimiserSettings;
  readonly #made = new Map<string, unknown>();

  constructor(problem: Problem, batchSize: number, optimiser: OptimiserSettings) {
    this.#problem = problem;
    this.#batchSize = batchSize;
    this.#optimiser = optimiser;
  }

  get step(): Graph {
    return this.#once('step', () => buildStep('step', this.#problem, this.#batchSize, this.#optimiser));
  }

  get first(): Graph | undefined {
    return this.#once('first', () => buildFirst(this.#problem, this.#batchSize));
  }

  get evaluation(): Graph | undefined {
    return this.#once('evaluation', () => buildEvaluation(this.#problem, this.#batchSize));
  }

  get identity(): string {
    return this.#once('identity', () => {
      const frozen = buildFrozen(this.#problem, this.#batchSize);
      const graphs = [this.step, this.first, this.evaluation, frozen];
      const texts = graphs.map((graph) => (graph === undefined ? null : printGraph(graph)));
      return hashJson({ about: this.#problem.about, texts });
    });
  }

  #once<T>(name: string, make: () => T): T {
    if (!this.#made.has(name)) this.#made.set(name, make());
    return this.#made.get(name) as T;
  }
}
