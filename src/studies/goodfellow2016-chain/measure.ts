/** @file A chain of layers of one unit, plain or normalised, before and after a gradient step on all its weights. */

import { grad } from '../../autodiff/reverse.ts';
import type { Laboratory } from '../../cells/laboratory.ts';
import { need } from '../../errors.ts';
import { dot } from '../../graph/arithmetic.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import { type Graph, parametersOf, type Value } from '../../graph/graph.ts';
import { power, wholePower } from '../../math/power.ts';
import { relativeError } from '../../math/relative-error.ts';
import { mean } from '../../math/statistics.ts';
import { dense } from '../../nn/layers.ts';
import { newNetwork } from '../../nn/network.ts';
import { type NormName, norms } from '../../norms/index.ts';
import { defaultNormSettings } from '../../norms/norm.ts';
import { ops } from '../../ops/index.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { StepRecord } from '../../records/record.ts';
import { drawNormal, drawUniform } from '../draws.ts';
import { outputOf } from '../../runtime/device.ts';
import { chebyshevNodes, coefficientsFrom, largestOrder, ordersOf, product } from './theory.ts';

export interface ChainProtocol extends JsonObject {
  readonly seeds: number;
  /** Chains per depth, or grown layer by layer. */
  readonly chains: number;
  /** Depths run from 2 to this. */
  readonly deepest: number;
  readonly learningRate: number;
  /** Weights of the chains whose orders are compared are uniform between these, above 1. */
  readonly least: number;
  readonly greatest: number;
  /** Batch of a normalised chain; a plain one takes a single example. */
  readonly examples: number;
  /** 0 is judged; others are reported. */
  readonly epsilons: readonly number[];
}

const definitions = {
  'order-error':
    'max over k of |order k of the output along the step − its closed form| / largest order, at the step where orders are of one size, from values at l + 2 steps, float64',
  'bound-excess':
    'max over k > 1 of order k / (C(l,k) (first order / l)ᵏ) − 1, orders as shares of the output, float64',
  growth: 'weight of the new layer / factor by which it multiplies second order over first − 1, at least 0, float64',
  order: 'log₁₀ of |order k of a step| / |output|, mean over chains, one example, float64',
  excess: 'log₁₀ of the largest order above the first / the first, mean over chains at the greatest depth, float64',
  'gradient-error': 'max over layers below the last of |wᵢ gᵢ| / Σ |cotangent · output|, batch statistics, float64',
  'step-error': 'max |output after a step on all weights − (1 − lr g_l/w_l) output before| / max |output|, float64',
  'scale-error':
    'max |output with the weights below the last times random factors − ± output| / max |output|, ± the sign of their product, float64',
} as const;

type Quantity = keyof typeof definitions;

/** The output y [N, 1] of depth layers, its inner product with a fed cotangent, and the gradient of that by each weight. */
function chainGraph(depth: number, examples: number, norm: NormName, epsilon: number): Graph {
  const g = new GraphBuilder(ops, 'float64');
  const network = newNetwork(g, 'frozen');
  const x = g.input('x', [examples, 1], { kind: 'data' });
  const cotangent = g.input('cotangent', [examples, 1], { kind: 'data' });
  let y = x;
  for (let layer = 1; layer <= depth; layer++) {
    y = dense(g, `layer${layer}`, y, 1, { initialiser: 'glorot', bias: false });
    const settings = { ...defaultNormSettings, epsilon, gamma: false, beta: false };
    // The last layer is left linear, or nothing could change the size of the output.
    if (layer < depth) y = norms[norm].build(network, `norm${layer}`, y, settings);
  }
  const weights = parametersOf(g);
  const gradients = grad(g, dot(g, y, cotangent), weights);
  const named = Object.fromEntries(gradients.map((gradient, i): [string, Value] => [`gradient${i + 1}`, gradient]));
  return g.finish(`chain-${depth}`, { y, ...named });
}

interface ChainInputs {
  readonly x: Float64Array;
  readonly cotangent: Float64Array;
}

interface ChainOutputs {
  readonly y: Float64Array;
  readonly gradients: readonly number[];
}

type RunChain = (weights: readonly number[], inputs: ChainInputs) => Promise<ChainOutputs>;

export async function measure(
  laboratory: Laboratory,
  protocol: ChainProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  const { chains, deepest, learningRate, least, greatest, examples, epsilons } = protocol;
  const depths = Array.from({ length: deepest - 1 }, (_, i) => i + 2);
  const key = (step: number, what: string) => ({ seed, step, name: `goodfellow2016/chain ${what}` });
  const records: StepRecord[] = [];
  const add = (quantity: Quantity, step: number, value: number, at: number, layer: string): void => {
    records.push({ step, quantity, value, layer, at, definition: definitions[quantity], mode: 'frozen' });
  };
  const grown = new Map<number, readonly number[][]>();
  for (const depth of depths) {
    const run = runnerOf(laboratory, chainGraph(depth, 1, 'none', 0));
    const layer = `${depth} layers`;
    const contributions: number[][] = [];
    for (let chain = 0; chain < chains; chain++) {
      const [x = 1] = drawUniform(1, key(chain, `x ${depth}`), 0.5, 2);
      const signs = drawUniform(depth, key(chain, `signs ${depth}`));
      const weights = [...drawUniform(depth, key(chain, `weights ${depth}`), 0.5, 2)].map((weight, i) =>
        need(signs[i], `a sign of layer ${i}`) < 0 ? -weight : weight,
      );
      const { error, orders } = await expand(run, weights, x);
      add('order-error', chain, error, depth, layer);
      add('bound-excess', chain, boundExcess(orders), depth, layer);
      const large = [...drawUniform(deepest, key(chain, 'large'), least, greatest)].slice(0, depth);
      const { orders: steps } = await expand(run, large, 1);
      contributions.push(steps.map((order, k) => Math.abs(order * wholePower(learningRate, k))));
      if (depth > 2) {
        const growth = gainOf(contributions[chain]) / gainOf(grown.get(depth - 1)?.[chain]);
        add('growth', chain, Math.max(0, need(large.at(-1), 'a last weight') / growth - 1), depth, layer);
      }
    }
    grown.set(depth, contributions);
    for (let k = 1; k <= depth; k++) {
      const shares = contributions.map((orders) => Math.log10(orderAt(orders, k) / orderAt(orders, 0)));
      add('order', k, mean(shares), depth, 'plain');
    }
    await laboratory.progress(depth - 1, 2 * depths.length);
  }
  const last = need(grown.get(deepest), 'chains of the deepest');
  const excesses = last.map((orders) => Math.log10(Math.max(...orders.slice(2)) / orderAt(orders, 1)));
  add('excess', 0, mean(excesses), deepest, 'plain');

  for (const depth of depths) {
    for (const epsilon of epsilons) {
      const run = runnerOf(laboratory, chainGraph(depth, examples, 'batch', epsilon));
      const firsts: number[] = [];
      for (let chain = 0; chain < chains; chain++) {
        const inputs = {
          x: drawNormal(examples, key(chain, `normalised x ${depth}`)),
          cotangent: drawUniform(examples, key(chain, `cotangent ${depth}`)).map((value) => value / examples),
        };
        const weights = [...drawUniform(deepest, key(chain, 'large'), least, greatest)].slice(0, depth);
        const factors = drawUniform(depth, key(chain, `factors ${depth}`), -2, 2);
        const errors = await normalisedErrors(run, weights, inputs, { learningRate, factors });
        for (const quantity of ['gradient-error', 'step-error', 'scale-error'] as const) {
          add(quantity, chain, errors[quantity], epsilon, `${depth} layers`);
        }
        firsts.push(Math.log10(errors.first));
      }
      if (epsilon === 0) add('order', 1, mean(firsts), depth, 'normalised');
    }
    await laboratory.progress(depths.length + depth - 1, 2 * depths.length);
  }
  return records;
}

function runnerOf(laboratory: Laboratory, graph: Graph): RunChain {
  return async (weights, { x, cotangent }) => {
    const fed = weights.map((weight, i) => [`layer${i + 1}/weight`, Float64Array.of(weight)]);
    const outputs = await laboratory.run(graph, { x, cotangent, ...Object.fromEntries(fed) });
    const gradients = weights.map((_, i) => need(outputs[`gradient${i + 1}`]?.[0], `a gradient ${i + 1}`));
    return { y: outputOf(outputs, 'y'), gradients };
  };
}

/**
 * The coefficients of 1, t, t², … in the output after a step t along the gradient of every weight, as the graph has them,
 * and how far they are from their closed form. They are taken up to one order more than there are layers.
 */
async function expand(
  run: RunChain,
  weights: readonly number[],
  x: number,
): Promise<{ readonly error: number; readonly orders: readonly number[] }> {
  const inputs = { x: Float64Array.of(x), cotangent: Float64Array.of(1) };
  const { gradients } = await run(weights, inputs);
  // Where steps change weights by about their own size, no order is lost beside another.
  const reach = power(Math.abs(product(weights) / product(gradients)), 1 / weights.length);
  const values: number[] = [];
  for (const node of chebyshevNodes(weights.length + 1)) {
    const moved = weights.map((weight, i) => weight - node * reach * need(gradients[i], `a gradient ${i}`));
    values.push(need((await run(moved, inputs)).y[0], 'a y'));
  }
  const measured = coefficientsFrom(values);
  const expected = [...ordersOf(weights, x), 0].map((order, k) => order * wholePower(reach, k));
  return { error: relativeError(measured, expected), orders: measured.map((order, k) => order / wholePower(reach, k)) };
}

/** Second order over first, at a step that does not matter here. */
function gainOf(orders: readonly number[] | undefined): number {
  return orderAt(orders, 2) / orderAt(orders, 1);
}

function orderAt(orders: readonly number[] | undefined, k: number): number {
  return need(orders?.[k], `an order ${k}`);
}

/** The orders of l layers come with one more, which is zero. */
function boundExcess(orders: readonly number[]): number {
  const depth = orders.length - 2;
  const share = (k: number): number => Math.abs(orderAt(orders, k) / orderAt(orders, 0));
  const excesses = orders
    .slice(2, -1)
    .map((_, i) => Math.max(0, share(i + 2) / largestOrder(depth, i + 2, share(1)) - 1));
  return Math.max(...excesses);
}

async function normalisedErrors(
  run: RunChain,
  weights: readonly number[],
  inputs: ChainInputs,
  { learningRate, factors }: { readonly learningRate: number; readonly factors: Float64Array },
): Promise<Record<'gradient-error' | 'step-error' | 'scale-error' | 'first', number>> {
  const before = await run(weights, inputs);
  const moved = weights.map((weight, i) => weight - learningRate * need(before.gradients[i], `a gradient ${i}`));
  const after = await run(moved, inputs);
  const last = weights.length - 1;
  const scaled = await run(
    weights.map((weight, i) => (i < last ? weight * need(factors[i], `a factor ${i}`) : weight)),
    inputs,
  );
  const sign = Math.sign(product(factors.subarray(0, last)));
  const first = (learningRate * need(before.gradients[last], 'a last gradient')) / need(weights[last], 'a last weight');
  const size = inputs.cotangent.reduce(
    (sum, value, n) => sum + Math.abs(value * need(before.y[n], `a y of example ${n}`)),
    0,
  );
  const lower = before.gradients
    .slice(0, -1)
    .map((gradient, i) => Math.abs(gradient * need(weights[i], `a weight ${i}`)));
  return {
    'gradient-error': Math.max(...lower) / size,
    'step-error': relativeError(
      after.y,
      before.y.map((y) => (1 - first) * y),
    ),
    'scale-error': relativeError(
      scaled.y,
      before.y.map((y) => sign * y),
    ),
    first: Math.abs(first),
  };
}
