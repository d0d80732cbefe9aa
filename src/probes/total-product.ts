/** @file Products of vectors that lie in many tensors: gradients over all parameters. */

import { need } from '../errors.ts';
import { add, dot, reshape } from '../graph/arithmetic.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import { elementCount } from '../graph/tensor-type.ts';

/**
 * Σ over the tensors of ⟨a, b⟩, of which there is at least one.
 * @param networks - S, where that many networks stand side by side, whose axis is the outermost of every tensor
 * @returns a scalar; [S] where there are networks, one of each
 */
export function totalProduct(g: GraphBuilder, a: readonly Value[], b: readonly Value[], networks?: number): Value {
  const terms = a.map((tensor, i) => {
    const other = need(b[i], `a factor of '${tensor.name}'`);
    return networks === undefined ? dot(g, tensor, other) : dotOfEach(g, tensor, other, networks);
  });
  return terms.reduce((sum, term) => add(g, sum, term));
}

/** As products of matrices: a kernel that adds up numbers does so by where they lie, and so by who else stands there. */
function dotOfEach(g: GraphBuilder, x: Value, y: Value, networks: number): Value {
  const size = elementCount(x.shape) / networks;
  const product = g.emit('MatMul', [reshape(g, x, [networks, 1, size]), reshape(g, y, [networks, size, 1])]);
  return reshape(g, product, [networks]);
}
