/** @file Regression by squares, and the deep linear networks that theory is written about. */

import { SettingError } from '../errors.ts';
import { axesOf, mul, reduceMean, reduceSum, sub } from '../graph/arithmetic.ts';
import { GraphBuilder } from '../graph/builder.ts';
import { newNetwork } from '../nn/network.ts';
import { ops } from '../ops/index.ts';
import type { NetworkFunction } from './network-function.ts';
import { type NetworkSettings, resolveNetwork } from './network-settings.ts';
import type { Problem, QuantityText } from './problem.ts';

export interface RegressionSettings extends NetworkSettings {
  /** K, numbers per example that the network gives. */
  readonly outputs: number;
  /** Numbers per example that are fed: K, or 1 that all outputs share. Default K. */
  readonly targets?: number;
  /** Over examples; default `mean`. */
  readonly over?: 'sum' | 'mean';
}

/**
 * Minimises ½ Σ_k Σ_n (y_nk − ŷ_nk)², the sum over examples or their mean. Fed `x` [N, …input] and `y` [N, targets]; its
 * steps give `losses` [K] too, the same for each output by itself, and its evaluations average `loss`.
 * @param network - a function that ends in [N, outputs]
 * @throws {SettingError} for settings that make no network.
 *
 * @example
 * const problem = regression(deepLinear({ depth: 25, width: 10 }), { input: [10], outputs: 10, over: 'sum' });
 * console.log(problem.build({ mode: 'train', batchSize: 7 }).network.layers.length); // 24 hidden layers
 */
export function regression(network: NetworkFunction, settings: RegressionSettings): Problem {
  const { outputs, targets = outputs, over = 'mean', ...rest } = settings;
  if (!Number.isInteger(outputs) || outputs < 1) {
    throw new SettingError(`A regression must have 1 output or more, got ${outputs}`);
  }
  if (targets !== outputs && targets !== 1) {
    throw new SettingError(`A regression must have as many targets as outputs (${outputs}), or 1, got ${targets}`);
  }
  const { float, input, build, about } = resolveNetwork(
    'regression',
    network,
    { activation: 'identity', ...rest },
    outputs,
  );
  return {
    about: { ...about, over, outputs, targets },
    float,
    quantities: { loss: lossText(over) },
    build: ({ mode, batchSize, view }) => {
      const g = new GraphBuilder(ops, float, view);
      const built = newNetwork(g, mode);
      const x = g.input('x', [batchSize, ...input], { kind: 'data' });
      const y = g.input('y', [batchSize, targets], { kind: 'data' });
      const fitted = build(built, x);
      const error = sub(g, y, fitted);
      const squares = mul(g, error, error);
      const losses = mul(g, over === 'mean' ? reduceMean(g, squares, [0]) : reduceSum(g, squares, [0]), 0.5);
      return {
        g,
        network: built,
        prediction: fitted,
        loss: reduceSum(g, losses, axesOf(losses)),
        outputs: { losses },
        examples: () => ({ loss: mul(g, reduceSum(g, squares, [1]), 0.5) }),
      };
    },
  };
}

/** What records call the loss of a regression. */
export function lossText(over: 'sum' | 'mean'): QuantityText {
  return {
    batch: `½ Σ (y − ŷ)² over outputs, ${over} over the mini-batch, before the update, batch statistics`,
    whole: '½ Σ (y − ŷ)² over outputs, mean over the whole test set, running statistics',
  };
}

export interface DeepLinearSettings {
  /** k, weight matrices in all. */
  readonly depth: number;
  /** Units of every hidden layer. */
  readonly width: number;
  /** Numbers per example at the end; default `width`. */
  readonly outputs?: number;
  /** Whether the last matrix is followed by the norm as well; the literature leaves it open. Default no. */
  readonly normaliseLast?: boolean;
}

/**
 * ŷ = x W₁ W₂ … W_k, no biases, with the problem's norm after each matrix but the last (santurkar2018, Appendix A).
 * @throws {SettingError} for a depth or a width below 1.
 */
export function deepLinear({
  depth,
  width,
  outputs = width,
  normaliseLast = false,
}: DeepLinearSettings): NetworkFunction {
  checkDeepLinear({ depth, width, outputs });
  return function deepLinear({ dense, linear }) {
    return (x) => {
      let y = x;
      for (let layer = 1; layer < depth; layer++) y = dense(`linear${layer}`, y, width, { bias: false });
      return (normaliseLast ? dense : linear)(`linear${depth}`, y, outputs, { bias: false });
    };
  };
}

/** @throws {SettingError} for a size of a deep linear network below 1. */
export function checkDeepLinear(sizes: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(sizes)) {
    if (!Number.isInteger(value) || value < 1) {
      throw new SettingError(`A deep linear network must have a ${name} of 1 or more, got ${value}`);
    }
  }
}
