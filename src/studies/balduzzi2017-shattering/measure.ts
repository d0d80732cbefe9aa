/** @file The derivative df/dx of random deep networks of one input, over a grid of inputs, and how it hangs together. */

import { vjp } from '../../autodiff/reverse.ts';
import type { Laboratory } from '../../cells/laboratory.ts';
import { need } from '../../errors.ts';
import { add } from '../../graph/arithmetic.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import { type Graph, isStored, type Value } from '../../graph/graph.ts';
import { sizeAt } from '../../graph/tensor-type.ts';
import { mean, standardDeviation } from '../../math/statistics.ts';
import { initialisers } from '../../nn/initialisers.ts';
import { newNetwork } from '../../nn/network.ts';
import { norms } from '../../norms/index.ts';
import { defaultNormSettings } from '../../norms/norm.ts';
import { ops } from '../../ops/index.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { StepRecord } from '../../records/record.ts';
import { outputOf } from '../../runtime/device.ts';
import type { TensorData } from '../../runtime/tensor-data.ts';
import { initialState } from '../../train/initial-state.ts';

export interface ShatteringProtocol extends JsonObject {
  readonly seeds: number;
  /** Hidden layers. */
  readonly depths: readonly number[];
  readonly units: number;
  /** Inputs, evenly from −reach to reach. */
  readonly points: number;
  readonly reach: number;
  /** Depths whose derivatives are kept as they are, for one seed. */
  readonly traced: readonly number[];
}

export const arms = {
  plain: { skip: false, norm: 'none' },
  skip: { skip: true, norm: 'none' },
  'plain, batch norm': { skip: false, norm: 'batch' },
  'skip, batch norm': { skip: true, norm: 'batch' },
} as const;

export type ShatteringArm = keyof typeof arms;

const network = 'df/dx of a random network of one input and one output over an even grid, float32';
const definitions = {
  autocorrelation: `autocorrelation at lag one, Σ(g_i − mean)(g_i+1 − mean) / Σ(g_i − mean)², of g = ${network}`,
  gradient: `(g − mean) / standard deviation, of g = ${network}`,
} as const;

/**
 * f: h_1 = W_1 x + b_1, h_l = [h_(l−1) +] W_l relu(norm(h_(l−1))) + b_l, f = w relu(norm(h_L)), and its derivative at
 * each x where the norm's statistics are held fixed (mode `eval`). In mode `train` with momentum 1 the updates are the
 * statistics of the grid. Weights and biases are normal of variance 2/fan-in.
 */
function networkGraph(
  { units, points }: ShatteringProtocol,
  depth: number,
  arm: ShatteringArm,
  mode: 'train' | 'eval',
): Graph {
  const { skip, norm } = arms[arm];
  const g = new GraphBuilder(ops, 'float32');
  const net = newNetwork(g, mode);
  const settings = { ...defaultNormSettings, momentum: 1, gamma: false, beta: false };
  const affine = (name: string, input: Value, outputs: number): Value =>
    g.inScope(name, () => {
      const initial = initialisers.he(sizeAt(input.shape, 1), outputs);
      const parameter = (part: string, shape: readonly number[]): Value =>
        g.input(part, shape, { kind: 'parameter', initial, owner: 'layer' });
      const product = g.emit('MatMul', [input, parameter('weight', [sizeAt(input.shape, 1), outputs])]);
      return add(g, product, parameter('bias', [outputs]));
    });
  const active = (layer: number, h: Value): Value =>
    g.emit('Relu', [norms[norm].build(net, `norm${layer}`, h, settings)]);

  const x = g.input('x', [points, 1], { kind: 'data' });
  let h = affine('layer1', x, units);
  for (let layer = 2; layer <= depth; layer++) {
    const branch = affine(`layer${layer}`, active(layer - 1, h), units);
    h = skip ? add(g, h, branch) : branch;
  }
  const f = affine('head', active(depth, h), 1);
  if (mode === 'train') return g.finish('statistics', {}, net.updates);
  // Examples do not mix in this mode, so that the derivative of Σ f is df/dx of each.
  const ones = g.emit('Expand', [g.constant(1)], { shape: [points, 1] });
  const [gradient] = vjp(g, [f], [ones], [x]);
  return g.finish('derivative', { f, gradient });
}

/** Of one arm: every depth and seed. Networks of one seed share the parameters that bear one name. */
export async function measure(
  laboratory: Laboratory,
  protocol: ShatteringProtocol,
  arm: ShatteringArm,
): Promise<readonly StepRecord[]> {
  const { seeds, depths, points, reach, traced } = protocol;
  const x = Float32Array.from({ length: points }, (_, i) => reach * ((2 * i) / (points - 1) - 1));
  const deepest = networkGraph(protocol, Math.max(...depths), arm, 'eval');
  const parameters = Array.from({ length: seeds }, (_, seed) => initialState(deepest, seed));
  const records: StepRecord[] = [];
  let done = 0;
  for (const depth of depths) {
    const derivative = networkGraph(protocol, depth, arm, 'eval');
    const statistics = arms[arm].norm === 'none' ? undefined : networkGraph(protocol, depth, arm, 'train');
    for (const [seed, state] of parameters.entries()) {
      const own =
        statistics === undefined ? {} : await laboratory.run(statistics, { x, ...feedsOf(statistics, state) });
      // Running variances are unbiased; those that normalise the grid, and so every layer's input, are not.
      const biased = (name: string): number => (name.endsWith('runningVariance') ? (points - 1) / points : 1);
      const running = Object.fromEntries(
        Object.entries(own).map(([name, data]) => [name, Float32Array.from(data, (value) => value * biased(name))]),
      );
      const outputs = await laboratory.run(derivative, { x, ...feedsOf(derivative, state), ...running });
      const gradient = outputOf(outputs, 'gradient');
      const where = { step: 0, mode: 'frozen' as const };
      const value = autocorrelation(gradient);
      records.push({
        ...where,
        quantity: 'autocorrelation',
        value,
        place: { depth, seed },
        definition: definitions.autocorrelation,
      });
      if (seed === 0 && traced.includes(depth)) {
        const [centre, spread] = [mean(gradient), standardDeviation(gradient)];
        gradient.forEach((slope, i) => {
          const trace = {
            place: { depth, seed },
            at: need(x[i], `a point ${i}`),
            value: (slope - centre) / spread,
          };
          records.push({ ...where, quantity: 'gradient', definition: definitions.gradient, ...trace });
        });
      }
      await laboratory.progress(++done, depths.length * seeds);
    }
  }
  return records;
}

function feedsOf(graph: Graph, state: ReadonlyMap<string, TensorData>): Record<string, TensorData> {
  return Object.fromEntries(
    graph.inputs.flatMap(({ value, role }) => {
      const data = state.get(value.name);
      return isStored(role) && data !== undefined ? [[value.name, data] as const] : [];
    }),
  );
}

/** Near 1 for a random walk, within about ±1/√n of 0 for n values of white noise. */
export function autocorrelation(values: ArrayLike<number>): number {
  const centre = mean(values);
  let [products, squares] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const distance = (values[i] as number) - centre;
    squares += distance * distance;
    if (i + 1 < values.length) products += distance * ((values[i + 1] as number) - centre);
  }
  return products / squares;
}
