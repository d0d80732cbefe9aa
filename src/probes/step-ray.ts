/** @file The ray x − s·d of a training step, d its gradient or another direction: the network at its points. */

import { mul, sub } from '../graph/arithmetic.ts';
import type { GraphBuilder, StoredView } from '../graph/builder.ts';
import type { Role, Value } from '../graph/graph.ts';
import { atOrigin, kept } from '../train/kept.ts';

/** The part of a direction that one parameter has. */
export type Along = (g: GraphBuilder, parameter: Value) => Value;

/** g of the step. */
export const stepGradient: Along = (g, parameter) => kept(g, 'gradient', parameter);

/**
 * Parameters at x − s·d and state as before the step; the graph is fed the scalar `s`.
 * @param s - one value per run, or a sweep of several
 */
export function alongRay(s: Role, along: Along = stepGradient): StoredView {
  return (g, stored, role) => {
    const origin = atOrigin(g, stored, role);
    if (role.kind !== 'parameter') return origin;
    const known = g.inputs.find(({ value }) => value.name === 's')?.value;
    const size = known ?? g.input('s', [], s);
    return sub(g, origin, mul(g, along(g, stored), size));
  };
}
