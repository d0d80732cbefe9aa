/**
 * @file Several deep linear networks in one graph: equal shapes, each with examples, weights and norms of its own. A step
 * of a small network is mostly the cost of its nodes, which all then share.
 */

import { SettingError } from '../errors.ts';
import { dot, mul, reshape, sub } from '../graph/arithmetic.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import type { FloatType } from '../graph/tensor-type.ts';
import { checkModelSettings, defaultModelSettings, hiddenLayer, type ModelSettings } from '../models/model.ts';
import { type InitialiserName, initialisers } from '../nn/initialisers.ts';
import { type Network, newNetwork } from '../nn/network.ts';
import { type NormName, normName, norms } from '../norms/index.ts';
import { defaultNormSettings, type NormSettings } from '../norms/norm.ts';
import { ops } from '../ops/index.ts';
import { sharedFloats } from '../runtime/tensor-data.ts';
import type { Problem } from './problem.ts';
import { checkDeepLinear, type DeepLinearSettings, lossText } from './regression.ts';

export interface SideBySideSettings extends DeepLinearSettings {
  /** S, how many there are. */
  readonly networks: number;
  /** D, numbers per example that each is fed; default `width`. */
  readonly inputs?: number;
  readonly norm: NormName;
  readonly normSettings?: NormSettings;
  /** Default glorot. */
  readonly initialiser?: InitialiserName;
  /** Default float32; float64 needs the reference lowering. */
  readonly float?: FloatType;
}

/**
 * S networks ŷ = x W₁ W₂ … W_k side by side, each as `regression(deepLinear(…), { over: 'sum', … })` has it: network s
 * minimises ½ Σ_k Σ_n (y_nk − ŷ_nk)² over its own examples. What is minimised is the sum over s, whose gradients do not mix;
 * steps give `losses` [S] too, one each. It is not evaluated.
 *
 * Examples lie last: fed `x` [S, D, N] and `y` [S, K, N], where K is `outputs`. Weights are [S, inputs, units]; a norm sees
 * [1, S·units, N], channels on axis 1 as ever, and has S·units of each parameter. The network is thus the outermost axis of
 * all that is stored. Matrices with no norm between them are multiplied before they meet the examples.
 * @throws {SettingError} for settings that make no network, and for a norm that would not keep to each feature over the batch.
 *
 * @example
 * const problem = deepLinearSideBySide({ networks: 10, depth: 25, width: 10, norm: 'batch' });
 * const { losses } = problem.build({ mode: 'train', batchSize: 7 }).outputs;
 * console.log(losses?.shape); // [10]
 */
export function deepLinearSideBySide(settings: SideBySideSettings): Problem {
  const shape = resolveShape(settings);
  const { norm, normSettings = defaultNormSettings, float = 'float32', initialiser = 'glorot' } = settings;
  requirePerFeature(norm);
  const model = {
    ...defaultModelSettings,
    norm,
    normSettings,
    initialiser,
    activation: 'identity',
    classes: 1,
  } as const;
  checkModelSettings({ title: 'a deep linear network', hiddenLayers: shape.depth }, model, float);
  return {
    about: {
      problem: 'regression-side-by-side',
      network: 'deepLinear',
      ...shape,
      norm,
      normSettings,
      initialiser,
      float,
      over: 'sum',
    },
    float,
    quantities: { loss: lossText('sum') },
    build: ({ mode, batchSize, view }) => {
      const g = new GraphBuilder(ops, float, view);
      const network = newNetwork(g, mode);
      const x = g.input('x', [shape.networks, shape.inputs, batchSize], { kind: 'data' });
      const y = g.input('y', [shape.networks, shape.outputs, batchSize], { kind: 'data' });
      const fitted = build(network, x, shape, model);
      requireNoDraws(g, norm);
      const error = sub(g, y, fitted);
      const losses = lossOfEach(g, error);
      // As one sum, not of the losses: their gradient would be a vector to be spread over all examples, which is slow.
      return {
        g,
        network,
        prediction: fitted,
        loss: mul(g, dot(g, error, error), 0.5),
        networks: shape.networks,
        outputs: { losses },
      };
    },
  };
}

type NetworksShape = Required<DeepLinearSettings> & Readonly<Record<'networks' | 'inputs', number>>;

/** @throws {SettingError} for sizes below 1. */
function resolveShape({
  networks,
  depth,
  width,
  inputs = width,
  outputs = width,
  normaliseLast = false,
}: SideBySideSettings): NetworksShape {
  checkDeepLinear({ networks, depth, width, inputs, outputs });
  return { networks, depth, width, inputs, outputs, normaliseLast };
}

/** ŷ, [S, K, N]. Layers bear the names of the single network's, which key the streams of their initial weights. */
function build(
  network: Network,
  x: Value,
  { networks: S, depth, width, inputs, outputs, normaliseLast }: NetworksShape,
  settings: ModelSettings,
): Value {
  const { g } = network;
  const N = x.shape[2] ?? 1;
  let features = x;
  let before: Value | undefined;
  for (let index = 1; index <= depth; index++) {
    const [name, fanIn, units] = [`linear${index}`, index === 1 ? inputs : width, index === depth ? outputs : width];
    const initial = initialisers[settings.initialiser](fanIn, units);
    const [from, earlier] = [features, before];
    let product = from;
    // Called where the layer is built, whose parameter the weight then is.
    const mapped = (): Value => {
      const weight = g.input(`${name}/weight`, [S, fanIn, units], { kind: 'parameter', initial, owner: 'layer' });
      return g.inScope(name, () => {
        product = earlier === undefined ? weight : g.emit('MatMul', [earlier, weight]);
        return g.emit('MatMul', [g.emit('Transpose', [product], { perm: [0, 2, 1] }), from]);
      });
    };
    if (index === depth && !normaliseLast) return mapped();
    const layer = { index, name, bias: 'none' } as const;
    const flat = hiddenLayer(network, { hiddenLayers: depth }, settings, layer, () =>
      reshape(g, mapped(), [1, S * units, N]),
    );
    const hidden = reshape(g, flat, [S, units, N]);
    if (settings.norm === 'none' && index < depth) before = product;
    else [features, before] = [hidden, undefined];
  }
  return features;
}

/**
 * ½ Σ over outputs and examples of e², e [S, K, N], one for each network. As products of rows with themselves, and of their
 * sums with ones: a kernel that adds up numbers does so by where they lie in memory, and so by who else stands there.
 */
function lossOfEach(g: GraphBuilder, error: Value): Value {
  const [S = 1, K = 1, N = 1] = error.shape;
  const rows = g.emit('MatMul', [reshape(g, error, [S * K, 1, N]), reshape(g, error, [S * K, N, 1])]);
  const ones = g.emit('Expand', [g.constant(0.5)], { shape: [S, K, 1] });
  return reshape(g, g.emit('MatMul', [reshape(g, rows, [S, 1, K]), ones]), [S]);
}

/** @throws {SettingError} unless each feature is normalised over the batch, apart from all others. */
function requirePerFeature(name: NormName): void {
  const { pools, weight, activation } = norms[normName(name)];
  const isPerFeature = pools?.batch === 'all' && pools.channels === 'none';
  if (name === 'none' || (isPerFeature && weight === undefined && activation === undefined)) return;
  throw new SettingError(
    `Networks side by side can have a norm that takes each feature over the whole batch, got '${name}'; try batch`,
  );
}

/** @throws {SettingError} where a norm draws numbers: one stream for all networks, they would depend on who stands beside. */
function requireNoDraws({ inputs }: GraphBuilder, norm: NormName): void {
  if (inputs.every(({ role }) => role.kind !== 'random')) return;
  throw new SettingError(
    `Networks side by side cannot have a norm that draws random numbers, got '${norm}'; try batch`,
  );
}

/** One network's examples: x [N, D] and y [N, K], row by row. */
export interface NetworkExamples {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/** What networks side by side are fed, of the examples of each: `x` [S, D, N] and `y` [S, K, N]. */
export function sideBySideFeeds(
  each: readonly NetworkExamples[],
  examples: number,
  float: FloatType,
): Readonly<Record<'x' | 'y', Float32Array | Float64Array>> {
  const laid = (of: (one: NetworkExamples) => ArrayLike<number>): Float32Array | Float64Array => {
    const lengths = each.map((one) => of(one).length);
    const whole = lengths.reduce((sum, length) => sum + length, 0);
    const data = sharedFloats(float, whole);
    let start = 0;
    for (const one of each) {
      const rows = of(one);
      const size = rows.length / examples;
      for (let i = 0; i < rows.length; i++) {
        data[start + (i % size) * examples + Math.floor(i / size)] = rows[i] ?? 0;
      }
      start += rows.length;
    }
    return data;
  };
  return { x: laid(({ x }) => x), y: laid(({ y }) => y) };
}

/** The part of network `index` in what is stored, or in a gradient: the network is the outermost axis of each. */
export function partOf<Data extends Float32Array | Float64Array>(data: Data, index: number, networks: number): Data {
  const size = data.length / networks;
  return data.subarray(index * size, (index + 1) * size) as Data;
}
