/** @file Deep fully connected networks at their start: the squared norm of the gradient at each layer. */

import { vjp } from '../../autodiff/reverse.ts';
import type { Laboratory } from '../../cells/laboratory.ts';
import { need } from '../../errors.ts';
import { dot } from '../../graph/arithmetic.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import { activations } from '../../nn/activations.ts';
import { dense } from '../../nn/layers.ts';
import { newNetwork } from '../../nn/network.ts';
import { norms } from '../../norms/index.ts';
import { defaultNormSettings } from '../../norms/norm.ts';
import { ops } from '../../ops/index.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { StepRecord } from '../../records/record.ts';
import { initialState } from '../../train/initial-state.ts';
import { drawStream } from '../draws.ts';
import type { Nonlinearity } from './theory.ts';

export interface ExplosionProtocol extends JsonObject {
  readonly seeds: number;
  /** Units of every layer, the input included. */
  readonly width: number;
  /** Layers: x = h0, h1, … h_depth. */
  readonly depth: number;
  readonly batches: readonly number[];
  /** The rate is fitted to the layers h_from … h_until, away from the transients at both ends. */
  readonly from: number;
  readonly until: number;
}

/** One of the networks compared: what follows each linear map. */
export interface Architecture {
  readonly norm: 'batch' | 'none';
  readonly nonlinearity: Nonlinearity;
}

export type ArchitectureName = 'relu' | 'linear' | 'relu-without-norm';

export const architectures: Readonly<Record<ArchitectureName, Architecture>> = {
  relu: { norm: 'batch', nonlinearity: 'relu' },
  linear: { norm: 'batch', nonlinearity: 'identity' },
  'relu-without-norm': { norm: 'none', nonlinearity: 'relu' },
};

/** Without a norm examples do not meet: one batch says it all, the largest, over which most is averaged. */
export function batchesOf(name: ArchitectureName, { batches }: ExplosionProtocol): readonly number[] {
  return name === 'relu-without-norm' ? [Math.max(...batches)] : batches;
}

const definition =
  '‖∂L/∂h‖², the sum of squares over the batch and all units, L = Σ cotangent · h_depth with a random normal ' +
  'cotangent; h = activation(norm(h W)) of the layer, W from N(0, 2/width), batch statistics, epsilon = 0, float32';

/** `h0` … `h_depth`, each the squared norm of the gradient at that layer. */
export function networkGraph(
  { norm, nonlinearity }: Architecture,
  { width, depth }: ExplosionProtocol,
  batch: number,
): Graph {
  const g = new GraphBuilder(ops);
  const network = newNetwork(g, 'frozen');
  const settings = { ...defaultNormSettings, epsilon: 0, gamma: false, beta: false };
  const layers: Value[] = [g.input('x', [batch, width], { kind: 'data' })];
  for (let i = 1; i <= depth; i++) {
    const y = dense(g, `dense${i}`, layers[i - 1] as Value, width, { initialiser: 'he', bias: false });
    layers.push(activations[nonlinearity](g, norms[norm].build(network, `dense${i}/norm`, y, settings)));
  }
  const cotangent = g.input('cotangent', [batch, width], { kind: 'data' });
  const gradients = vjp(g, layers.slice(-1), [cotangent], layers);
  return g.finish('explosion', Object.fromEntries(gradients.map((dh, i) => [`h${i}`, dot(g, dh, dh)])));
}

export async function measure(
  laboratory: Laboratory,
  protocol: ExplosionProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  const names = Object.keys(architectures) as ArchitectureName[];
  const runs = names.flatMap((name) => batchesOf(name, protocol).map((batch) => ({ name, batch })));
  const records: StepRecord[] = [];
  let weights: ReturnType<typeof initialState> | undefined;
  for (const [i, { name, batch }] of runs.entries()) {
    const graph = networkGraph(architectures[name], protocol, batch);
    // The weights have the same names, shapes and laws in all: drawn once for each seed.
    weights ??= initialState(graph, seed);
    const drawn = (what: string): Float32Array => {
      const data = new Float32Array(batch * protocol.width);
      drawStream({ seed, name: `yang2019/gradient-explosion ${what}` }).fillNormal(data, 0, 1);
      return data;
    };
    const outputs = await laboratory.run(graph, {
      ...Object.fromEntries(weights),
      x: drawn('x'),
      cotangent: drawn('cotangent'),
    });
    for (const [layer, values] of Object.entries(outputs)) {
      const value = need(values[0], `a value of ${layer}`);
      records.push({ step: 0, quantity: `${name}-gradient`, value, layer, at: batch, definition, mode: 'frozen' });
    }
    await laboratory.progress(i + 1, runs.length);
  }
  return records;
}
