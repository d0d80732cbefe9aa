/** @file A ReLU network with one output, its weights as they are or spectrally normalised: the critic of a Wasserstein distance. */

import { grad } from '../autodiff/reverse.ts';
import { need } from '../errors.ts';
import { axesOf, div, reduceSum, reshape } from '../graph/arithmetic.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { sizeAt } from '../graph/tensor-type.ts';
import { dense } from '../nn/layers.ts';
import { type Network, newNetwork } from '../nn/network.ts';
import { norms } from '../norms/index.ts';
import { defaultNormSettings } from '../norms/norm.ts';
import { ops } from '../ops/index.ts';
import type { BuildRequest, BuiltProblem, Problem } from '../problems/problem.ts';
import { type Program, outputOf } from '../runtime/device.ts';
import { inFloat64 } from '../runtime/tensor-data.ts';

export type CriticNorm = 'none' | 'spectral';

/** x [N, D] → [N]; layers `critic1` … of the given widths, and a last one of one unit. */
function critic(network: Network, x: Value, widths: readonly number[], norm: CriticNorm): Value {
  const { g } = network;
  const last = widths.length;
  const output = [...widths, 1].reduce((input, units, i) => {
    const name = `critic${i + 1}`;
    const y = dense(g, name, input, units, {
      initialiser: 'glorot',
      bias: true,
      view: (weight) =>
        norms[norm].weight?.(network, `${name}/norm`, { ...weight, activation: 'relu' }, defaultNormSettings).weight ??
        weight.value,
    });
    return i < last ? g.emit('Relu', [y]) : y;
  }, x);
  return reshape(g, output, [sizeAt(x.shape, 0)]);
}

export interface CriticSettings {
  readonly inputs: number;
  readonly widths: readonly number[];
  readonly norm: CriticNorm;
}

/**
 * A critic f in float64 that maximises E f(p) − E f(q): of x [2N, D] the first N rows are examples of p, the others of q.
 * The loss is −(Σ f(p) − Σ f(q))/N; the prediction is f(x), [2N]. Power iterations start from random vectors as they are
 * drawn: no first batch is needed.
 */
export function criticProblem({ inputs, widths, norm }: CriticSettings): Problem {
  return {
    about: { problem: 'critic', network: 'critic', inputs, widths, norm },
    float: 'float64',
    quantities: {
      loss: {
        batch: 'E f(q) − E f(p) of the mini-batch before the update',
        whole: 'E f(q) − E f(p) over the whole test set',
      },
    },
    build: ({ mode, batchSize, view }: BuildRequest): BuiltProblem => {
      const g = new GraphBuilder(ops, 'float64', view);
      const network = newNetwork(g, mode === 'first' ? 'frozen' : mode);
      const x = g.input('x', [batchSize, inputs], { kind: 'data' });
      const prediction = critic(network, x, widths, norm);
      const half = batchSize / 2;
      const signs = Array.from({ length: batchSize }, (_, n) => (n < half ? -1 : 1));
      const weighted = g.emit('Mul', [prediction, g.constant(signs, [batchSize])]);
      const loss = div(g, reduceSum(g, weighted, [0]), half);
      return { g, network, prediction, loss, outputs: {} };
    },
  };
}

/** `values` [N] of a critic as it stands. */
export function valuesGraph(problem: Problem, batchSize: number): Graph {
  const { g, prediction } = problem.build({ mode: 'eval', batchSize });
  return g.finish('values', { values: prediction });
}

/** `values` [N] of a critic as it stands, and their `gradients` [N, D]. */
export function steepnessGraph(problem: Problem, batchSize: number): Graph {
  const { g, prediction } = problem.build({ mode: 'eval', batchSize });
  const x = g.inputs.flatMap(({ value, role }) => (role.kind === 'data' ? [value] : []));
  const gradients = grad(g, reduceSum(g, prediction, axesOf(prediction)), x);
  return g.finish('steepness', { values: prediction, gradients: need(gradients[0], 'an input of the critic') });
}

/** A loaded steepness graph as a function, as `estimateLipschitz` asks for it. */
export function steepnessOf(program: Pick<Program, 'run'>) {
  return async (x: Float64Array): Promise<{ values: Float64Array; gradients: Float64Array }> => {
    const outputs = await program.run({ x });
    const numbers = (name: string): Float64Array => inFloat64(outputOf(outputs, name));
    return { values: numbers('values'), gradients: numbers('gradients') };
  };
}
