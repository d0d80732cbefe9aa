/** @file Power iterations of spectrally normalised layers, and how steep networks of such layers are. */

import type { Laboratory } from '../../cells/laboratory.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import { elementCount, type Shape } from '../../graph/tensor-type.ts';
import { newNetwork } from '../../nn/network.ts';
import { norms } from '../../norms/index.ts';
import { defaultNormSettings } from '../../norms/norm.ts';
import { ops } from '../../ops/index.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { StepRecord } from '../../records/record.ts';
import { sgd } from '../../train/optimisers/sgd.ts';
import { criticProblem, steepnessGraph, steepnessOf } from '../critic.ts';
import { drawNormal } from '../draws.ts';
import { estimateLipschitz } from '../lipschitz.ts';
import { convolutionNorm, largestSingularValues } from './theory.ts';

export interface SpectralProtocol extends JsonObject {
  readonly seeds: number;
  /** Random weights per seed and kind. */
  readonly weights: number;
  readonly iterations: number;
  /** Of the networks: inputs, and hidden units of each layer. */
  readonly inputs: number;
  readonly widths: readonly number[];
  /** Points at which a network is looked at, and how far each walks. */
  readonly points: number;
  readonly walkSteps: number;
}

/** Weights [K, C, 3, 3] and [D, units]; output axis; the matrix [units, fan-in] that the norm sees. */
const kinds: readonly { readonly name: string; readonly shape: Shape; readonly outputAxis: 0 | 1 }[] = [
  { name: 'dense', shape: [31, 23], outputAxis: 1 },
  { name: 'convolution', shape: [11, 7, 3, 3], outputAxis: 0 },
];

/** Pixels of the images on which a convolution's own norm is taken. */
const IMAGE = 6;

const definitions = {
  'sigma-error': '|sigma − sigma_max| / sigma_max of a Gaussian weight after the last power iteration, float64',
  'singular-ratio': 'second largest over largest singular value of the same weight',
  'convolution-norm':
    'largest gain ‖conv(x)‖/‖x‖ of the normalised kernel on 6 × 6 images with zero padding, by 200 power iterations, float64',
  'slope-of-pairs': 'max |f(a) − f(b)| / ‖a − b‖ over pairs of points, spectrally normalised ReLU network, float64',
  'slope-at-points': 'max ‖∇f‖ over points and over walks up the gradient, the same network',
} as const;

export async function measure(
  laboratory: Laboratory,
  protocol: SpectralProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  const records: StepRecord[] = [];
  const record = (quantity: keyof typeof definitions, value: number, rest: Partial<StepRecord> = {}): void => {
    records.push({ step: 0, quantity, value, definition: definitions[quantity], mode: 'train', ...rest });
  };
  for (const kind of kinds) {
    const graph = normalisedWeight(kind);
    for (let step = 0; step < protocol.weights; step++) {
      const key = (what: string) => ({ seed, step, name: `miyato2018/spectral-norm ${kind.name} ${what}` });
      const w = drawNormal(elementCount(kind.shape), key('w'));
      const units = kind.shape[kind.outputAxis] as number;
      let state = {
        'layer/u': drawNormal(units, key('u')),
        'layer/v': drawNormal(w.length / units, key('v')),
      };
      let normalised = w;
      for (let i = 0; i < protocol.iterations; i++) {
        const outputs = await laboratory.run(graph, { w, ...state });
        const { 'layer/u': u, 'layer/v': v, weight } = outputs as Record<string, Float64Array>;
        if (u === undefined || v === undefined || weight === undefined)
          throw new RangeError('The layer must give its state');
        state = { 'layer/u': u, 'layer/v': v };
        normalised = weight;
      }
      const sigma = Math.abs((w[0] as number) / (normalised[0] as number));
      const [exact, second] = await largestSingularValues(w, kind.shape, kind.outputAxis);
      record('sigma-error', Math.abs(sigma - exact) / exact, { step, layer: kind.name });
      record('singular-ratio', second / exact, { step, layer: kind.name });
      if (kind.outputAxis === 0) {
        record('convolution-norm', await convolutionNorm(laboratory, normalised, kind.shape, IMAGE, key('image')), {
          step,
        });
      }
      await laboratory.progress(step, 2 * protocol.weights);
    }
  }
  const { pairs, gradient } = await steepness(laboratory, protocol, seed);
  record('slope-of-pairs', pairs);
  record('slope-at-points', gradient);
  return records;
}

/** `weight` normalised, with the next `layer/u` and `layer/v`. */
function normalisedWeight({ name, shape, outputAxis }: (typeof kinds)[number]): ReturnType<GraphBuilder['finish']> {
  const g = new GraphBuilder(ops, 'float64');
  const network = newNetwork(g, 'train');
  const value = g.input('w', shape, { kind: 'data' });
  const seen = { value, outputAxis, activation: 'relu' } as const;
  const weight = norms.spectral.weight?.(network, 'layer', seen, defaultNormSettings).weight ?? value;
  return g.finish(name, { weight }, network.updates);
}

/** A network whose power iterations have come to rest, looked at in many places. */
async function steepness(
  laboratory: Laboratory,
  { inputs, widths, points, iterations, walkSteps }: SpectralProtocol,
  seed: number,
): ReturnType<typeof estimateLipschitz> {
  const problem = criticProblem({ inputs, widths, norm: 'spectral' });
  // Steps at rate 0 move nothing but the norm's own state.
  const session = await laboratory.openSession(problem, {
    batchSize: points,
    optimiser: sgd(),
    learningRate: 0,
    seed,
  });
  const looking = await session.load(steepnessGraph(problem, points));
  const sample = drawNormal(points * inputs, { seed, name: 'miyato2018/spectral-norm points' });
  for (let i = 0; i < iterations; i++) await session.take({ x: sample });
  return await estimateLipschitz(steepnessOf(looking), sample, inputs, { steps: walkSteps, stride: 0.5 });
}
