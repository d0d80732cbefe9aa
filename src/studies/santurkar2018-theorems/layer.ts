/**
 * @file The layer before the unit, y = X W + offset, and derivatives with respect to its weight W. The offset holds y as it
 * is whatever X: the theorems about weights take a maximum over X, in which the gradients of y, σ and ŷ do not move.
 */

import { grad, hvp } from '../../autodiff/reverse.ts';
import { add, mul, reduceSum, reshape } from '../../graph/arithmetic.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph } from '../../graph/graph.ts';
import type { NormName } from '../../norms/index.ts';
import { ops } from '../../ops/index.ts';
import { type Feeds, type LossKind, normalise, smoothLosses, type UnitSizes } from './unit.ts';

export interface LayerSizes extends UnitSizes {
  /** Length n of each unit's weight. */
  readonly inputs: number;
}

/**
 * Per unit its values `y` [m, units], `slope` = ‖∇_W L‖² [units] and `curvature` = ∇_W Lᵀ H_W ∇_W L [units], for `x`
 * [units, m, n], `w` [units, n, 1] and `offset` [m, units]. With norm `none` this is the network without batch norm.
 */
export function layerGraph(norm: NormName, kind: LossKind, { units, examples, inputs }: LayerSizes): Graph {
  const g = new GraphBuilder(ops, 'float64');
  const x = g.input('x', [units, examples, inputs], { kind: 'data' });
  const w = g.input('w', [units, inputs, 1], { kind: 'data' });
  const product = reshape(g, g.emit('MatMul', [x, w]), [units, examples]);
  const offset = g.input('offset', [examples, units], { kind: 'data' });
  const y = add(g, g.emit('Transpose', [product], { perm: [1, 0] }), offset);
  const loss = smoothLosses(g, normalise(g, norm, y), kind);
  const [dw] = grad(g, loss, [w]);
  const [bent] = hvp(g, loss, [w], [dw]);
  const slope = reduceSum(g, mul(g, dw, dw), [1, 2]);
  return g.finish(`layer-${norm}`, { y, slope, curvature: reduceSum(g, mul(g, dw, bent), [1, 2]) });
}

/** Feeds of `x`, `w` and the `offset` that makes each unit's values the given ones (or 0, where they are free). */
export function layerFeeds(
  xs: readonly Float64Array[],
  w: Float64Array,
  values: Float64Array | undefined,
  { units, examples, inputs }: LayerSizes,
): Feeds {
  const offset = new Float64Array(examples * units);
  if (values !== undefined) {
    for (let i = 0; i < offset.length; i++) {
      const [example, unit] = [Math.floor(i / units), i % units];
      let sum = 0;
      for (let k = 0; k < inputs; k++) {
        sum += (xs[unit]?.[example * inputs + k] as number) * (w[unit * inputs + k] as number);
      }
      offset[i] = (values[i] as number) - sum;
    }
  }
  return { x: Float64Array.from(xs.flatMap((x) => [...x])), w, offset };
}

/** length · a bᵀ / (‖a‖‖b‖) [m, n], the X of that norm which turns a to b; 0 where a is. */
export function rankOne(a: Float64Array, b: Float64Array, length: number): Float64Array {
  const sizes = Math.hypot(...a) * Math.hypot(...b);
  const factor = sizes === 0 ? 0 : length / sizes;
  const n = b.length;
  return Float64Array.from(
    { length: a.length * n },
    (_, i) => factor * (a[Math.floor(i / n)] as number) * (b[i % n] as number),
  );
}
