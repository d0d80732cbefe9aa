/**
 * @file The setting of the theorems of Santurkar et al. 2018: a unit's values y over a batch of m examples become
 * z = gamma ŷ + beta, ŷ = (y − mean)/σ with the biased σ and no epsilon, and a smooth loss L follows; L̂ is L as a function
 * of y. Many units share one graph, side by side: each has a loss of its own, and the graph's loss is their sum, so that
 * every gradient and Hessian product is that of each unit by itself.
 */

import { grad } from '../../autodiff/reverse.ts';
import { add, dot, mul, reduceSum, reshape, sub } from '../../graph/arithmetic.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import { sizeAt } from '../../graph/tensor-type.ts';
import { power } from '../../math/power.ts';
import { activations } from '../../nn/activations.ts';
import { logLikelihoods } from '../../nn/losses.ts';
import { newNetwork } from '../../nn/network.ts';
import { type NormName, norms } from '../../norms/index.ts';
import { defaultNormSettings } from '../../norms/norm.ts';
import { ops } from '../../ops/index.ts';
import type { TensorData } from '../../runtime/tensor-data.ts';
import { type DrawKey, drawNormal, drawStream, drawUniform } from '../draws.ts';

/** `convex`: the Hessian of L with respect to z is positive semi-definite; `general`: it has eigenvalues of both signs. */
export type LossKind = 'convex' | 'general';

export const lossKinds: readonly LossKind[] = ['convex', 'general'];

/** How many units side by side, each over how many examples. */
export interface UnitSizes {
  readonly units: number;
  /** m. */
  readonly examples: number;
}

export type Feeds = Readonly<Record<string, TensorData>>;

/** Sizes of the loss's small network, and the rank of its quadratic. */
const sizes = { hidden: 5, classes: 3, rank: 2 } as const;

/** z = gamma ŷ + beta by the registry's batch norm with epsilon = 0 (or y itself, by `none`), for y [m, units]. */
export function normalise(g: GraphBuilder, norm: NormName, y: Value, epsilon = 0): Value {
  return norms[norm].build(newNetwork(g, 'frozen'), 'norm', y, { ...defaultNormSettings, epsilon });
}

/**
 * Σ over units of L(z) = ⟨a, z⟩ + c (CE(V φ(B z + b)) + ‖Q z‖²/2), CE the cross-entropy of a network that mixes the
 * examples as later layers with batch norm do; φ = tanh, or the identity, which makes L convex.
 * @param z - [m, units]
 * @returns a scalar, of inputs of its own that {@link drawUnits} draws
 */
export function smoothLosses(g: GraphBuilder, z: Value, kind: LossKind): Value {
  const [m, units] = [sizeAt(z.shape, 0), sizeAt(z.shape, 1)];
  const input = (name: string, shape: readonly number[]): Value => g.input(name, shape, { kind: 'data' });
  const columns = reshape(g, g.emit('Transpose', [z], { perm: [1, 0] }), [units, m, 1]);
  const mixed = g.emit('MatMul', [input('inner', [units, sizes.hidden, m]), columns]);
  const bent = activations[kind === 'convex' ? 'identity' : 'tanh'](
    g,
    add(g, mixed, input('bias', [units, sizes.hidden, 1])),
  );
  const logits = g.emit('MatMul', [input('outer', [units, sizes.classes, sizes.hidden]), bent]);
  const labels = g.input('labels', [units], { kind: 'data' }, 'int32');
  const likelihoods = logLikelihoods(g, reshape(g, logits, [units, sizes.classes]), labels);
  const bowl = g.emit('MatMul', [input('bowl', [units, sizes.rank, m]), columns]);
  const curved = sub(g, mul(g, reduceSum(g, mul(g, bowl, bowl), [1, 2]), 0.5), likelihoods);
  return add(g, dot(g, input('slope', [m, units]), z), dot(g, input('curvature', [units]), curved));
}

/** `d` = ∇_y L̂ and `ghat` = ∇_z L of all units, each [m, units], for `y` [m, units]. */
export function gradientGraph(examples: number, units: number, kind: LossKind): Graph {
  const g = new GraphBuilder(ops, 'float64');
  const y = g.input('y', [examples, units], { kind: 'data' });
  const z = normalise(g, 'batch', y);
  const [d, ghat] = grad(g, smoothLosses(g, z, kind), [y, z]);
  return g.finish('unit-gradients', { d, ghat });
}

/** The loss is linear in the two that are named. */
export type LossFeeds = Feeds & { readonly slope: Float64Array; readonly curvature: Float64Array };

export interface DrawnUnits {
  /** [m, units], of standard deviation from 0.1 to 10 around a mean of its own. */
  readonly y: Float64Array;
  /** Of both signs, 0.1 to 10 in size. */
  readonly gamma: Float64Array;
  readonly beta: Float64Array;
  /** What {@link smoothLosses} is fed; the curvature c spans 0.01 to 10. */
  readonly loss: LossFeeds;
}

/** @param key - where each of the draws comes from, by what is drawn */
export function drawUnits({ units, examples }: UnitSizes, key: (what: string) => DrawKey): DrawnUnits {
  const { hidden, classes, rank } = sizes;
  const decades = (what: string, low: number, high: number): Float64Array =>
    drawUniform(units, key(what), low, high).map((exponent) => power(10, exponent));
  const [means, spreads] = [drawNormal(units, key('means')), decades('spreads', -1, 1)];
  const signs = drawUniform(units, key('signs'));
  const labels = drawStream(key('labels'));
  return {
    y: drawNormal(examples * units, key('y')).map((value, i) => {
      const unit = i % units;
      return (means[unit] as number) + (spreads[unit] as number) * value;
    }),
    gamma: decades('gamma', -1, 1).map((size, i) => ((signs[i] as number) < 0 ? -size : size)),
    beta: drawNormal(units, key('beta')),
    loss: {
      inner: drawNormal(units * hidden * examples, key('inner'), 1 / Math.sqrt(examples)),
      bias: drawNormal(units * hidden, key('bias')),
      outer: drawNormal(units * classes * hidden, key('outer')),
      labels: Int32Array.from({ length: units }, () => labels.integer(classes)),
      bowl: drawNormal(units * rank * examples, key('bowl'), 1 / Math.sqrt(examples)),
      slope: drawNormal(examples * units, key('slope')),
      curvature: decades('curvature', -2, 1),
    },
  };
}

/** Those of the feeds that the graph takes: what its outputs do not depend on is no input of it. */
export function feedsOf(graph: Graph, feeds: Feeds): Feeds {
  return Object.fromEntries(
    graph.inputs.flatMap(({ value: { name } }) => {
      const data = feeds[name];
      return data === undefined ? [] : [[name, data] as const];
    }),
  );
}
