/**
 * @file What a step keeps of itself in scratch, for graphs that run after it: the weights have moved on by then. It is
 * kept once, however many readouts need it, and found by name.
 */

import { need, SettingError } from '../errors.ts';
import type { GraphBuilder, StoredView } from '../graph/builder.ts';
import type { Graph, Update, Value } from '../graph/graph.ts';

/**
 * `origin`: the parameters x and the norms' state as they were before the step. `gradient`: g of each parameter at x, on
 * the batch of the step.
 */
export type Kept = 'origin' | 'gradient';

const PREFIX = 'kept';

/** The scratch that holds what is kept of one parameter or state. */
export function keptName(what: Kept, stored: string): string {
  return `${PREFIX}/${what}/${stored}`;
}

/** What was kept of a parameter or state, as an input of a graph: one, however often it is asked for. */
export function kept(g: GraphBuilder, what: Kept, stored: Value): Value {
  const name = keptName(what, stored.name);
  const known = g.inputs.find(({ value }) => value.name === name);
  return known?.value ?? g.input(name, stored.shape, { kind: 'scratch' });
}

/** Builds a network at the weights and state before the step. */
export const atOrigin: StoredView = (g, stored) => kept(g, 'origin', stored);

/** What a step that is under construction has to keep. */
interface Slopes {
  readonly g: GraphBuilder;
  readonly parameters: readonly Value[];
  /** One per parameter. */
  readonly gradients: readonly Value[];
}

/** The updates by which a step keeps what is needed. */
export function keepNeeded({ g, parameters, gradients }: Slopes, needs: readonly Kept[]): readonly Update[] {
  const origins = g.inputs.flatMap(({ value, role }): [Value, Value][] => {
    const isRead = role.kind === 'parameter' || (role.kind === 'state' && role.owner === 'norm');
    return isRead ? [[value, value]] : [];
  });
  const slopes = parameters.map((parameter, i): [Value, Value] => [
    parameter,
    need(gradients[i], `a gradient of '${parameter.name}'`),
  ]);
  const values: Readonly<Record<Kept, readonly [Value, Value][]>> = { origin: origins, gradient: slopes };
  return [...new Set(needs)].flatMap((what) =>
    values[what].map(([stored, next]) => ({ state: kept(g, what, stored), next })),
  );
}

/**
 * Throws where a graph reads what no step keeps, which would be zeros.
 * @throws {SettingError}
 */
export function requireKept(graph: Graph, needs: readonly Kept[]): void {
  const missing = graph.inputs.find(({ value: { name } }) => {
    const [prefix, what] = name.split('/');
    return prefix === PREFIX && !needs.some((known) => known === what);
  });
  if (missing === undefined) return;
  const what = missing.value.name.split('/')[1];
  throw new SettingError(
    `What a graph reads of a step must be kept by it, but '${graph.name}' reads '${missing.value.name}' and no readout ` +
      `says that it needs '${what}'`,
  );
}
