/** @file Products of vectors that lie in many tensors: gradients over all parameters. */

import { need } from '../errors.ts';
import { add, dot } from '../graph/arithmetic.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';

/** Σ over the tensors of ⟨a, b⟩, a scalar; there is at least one. */
export function totalProduct(g: GraphBuilder, a: readonly Value[], b: readonly Value[]): Value {
  const terms = a.map((tensor, i) => dot(g, tensor, need(b[i], `a factor of '${tensor.name}'`)));
  return terms.reduce((sum, term) => add(g, sum, term));
}
