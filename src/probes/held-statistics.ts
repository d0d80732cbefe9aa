/**
 * @file Statistics that norms normalise by in place of the running ones: those of a batch, or their mean over several, kept
 * in scratch. A network in mode `eval` reads them there, as constants.
 */

import { need, SettingError } from '../errors.ts';
import { add, mul, reshape } from '../graph/arithmetic.ts';
import type { GraphBuilder, StoredView } from '../graph/builder.ts';
import type { Graph, Role, Update, Value } from '../graph/graph.ts';
import { elementCount } from '../graph/tensor-type.ts';
import type { BuiltProblem, Problem } from '../problems/problem.ts';

/** What a running statistic is the running mean of. */
const statisticOf: Readonly<Record<string, string>> = { runningMean: 'mean', runningVariance: 'variance' };

/** The scratch that stands for a running statistic. */
export function heldName(state: string): string {
  return `landscape/statistics/${state}`;
}

function held(g: GraphBuilder, state: Value): Value {
  const name = heldName(state.name);
  const known = g.inputs.find(({ value }) => value.name === name);
  return known?.value ?? g.input(name, state.shape, { kind: 'scratch' });
}

function isRunning({ name }: Value, role: Role): boolean {
  return role.kind === 'state' && role.owner === 'norm' && (name.split('/').at(-1) ?? '').startsWith('running');
}

/** Builds a network on the statistics that are held, and on all else as another view has it. */
export function onHeldStatistics(view: StoredView): StoredView {
  return (g, stored, role) => (isRunning(stored, role) ? held(g, stored) : view(g, stored, role));
}

/** The running statistics of a network, with their sizes: those that are to be held. */
export function runningStatistics(problem: Problem, batchSize: number): readonly Value[] {
  const { g } = problem.build({ mode: 'frozen', batchSize });
  return g.inputs.flatMap(({ value, role }) => (isRunning(value, role) ? [value] : []));
}

export interface HeldRequest {
  readonly name: string;
  readonly batchSize: number;
  /** Where the network stands. */
  readonly view: StoredView;
  /**
   * How many batches the mean is over, each adding its share to what is held, its variance unbiased (m/(m − 1) times the
   * biased one, of m values), as population statistics have it (ioffe2015, Algorithm 2); undefined to hold what one batch
   * is normalised by, which is biased.
   */
  readonly share?: number;
}

/**
 * Writes the statistics of a batch to where they are held.
 * @throws {SettingError} for a norm whose running statistics are of something else than the batch's mean and variance.
 */
export function holdStatistics(problem: Problem, { name, batchSize, view, share }: HeldRequest): Graph {
  const built = problem.build({ mode: 'frozen', batchSize, view });
  const { g } = built;
  const updates = g.inputs.flatMap(({ value: state, role }): Update[] => {
    if (!isRunning(state, role)) return [];
    const { value, count, isVariance } = batchStatistic(built, state);
    if (share === undefined) return [{ state: held(g, state), next: value }];
    const correction = isVariance ? count / (count - 1) : 1;
    return [{ state: held(g, state), next: add(g, held(g, state), mul(g, value, correction / share)) }];
  });
  return g.finish(name, {}, updates);
}

/** What a batch gives for a running statistic, over how many values. */
function batchStatistic(
  { g, network }: BuiltProblem,
  state: Value,
): { readonly value: Value; readonly count: number; readonly isVariance: boolean } {
  const path = state.name.split('/');
  const [place, own] = [path.slice(0, -1).join('/'), path.at(-1) ?? ''];
  const statistic = statisticOf[own];
  const value = statistic === undefined ? undefined : network.quantities.get(`${place}/${statistic}`);
  const size = elementCount(state.shape);
  if (value === undefined || elementCount(value.shape) !== size) {
    throw new SettingError(
      `Probe 'landscape' can hold the mean and variance of a batch, and '${state.name}' is not the running one of either; ` +
        "set 'statistics' to 'batch' or 'running'",
    );
  }
  const layer = need(
    network.layers.find(({ name }) => place === `${name}/norm`),
    `a layer with norm '${place}'`,
  );
  return {
    value: reshape(g, value, state.shape),
    count: elementCount(layer.normed.shape) / size,
    isVariance: statistic === 'variance',
  };
}
