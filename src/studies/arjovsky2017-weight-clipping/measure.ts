/**
 * @file Critics whose weights are clipped or spectrally normalised: how steep they are, and what they make of the distance
 * between two normal distributions a known way apart, N(shift, I) and N(0, I), whose Wasserstein-1 distance is ‖shift‖.
 */

import { grad } from '../../autodiff/reverse.ts';
import type { Laboratory } from '../../cells/laboratory.ts';
import { axesOf, div, reduceSum, sub } from '../../graph/arithmetic.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import { elementCount } from '../../graph/tensor-type.ts';
import { mean, standardDeviation } from '../../math/statistics.ts';
import { newNetwork } from '../../nn/network.ts';
import { ops } from '../../ops/index.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { StepRecord } from '../../records/record.ts';
import type { Device } from '../../runtime/device.ts';
import { clipTo, descend } from '../../train/descent.ts';
import { initialState } from '../../train/initial-state.ts';
import { defaultRmsProp, rmsProp } from '../../train/rms-prop.ts';
import { critic, type CriticNorm } from '../critic.ts';
import { drawNormal, drawUniform } from '../draws.ts';
import { estimateLipschitz } from '../lipschitz.ts';
import { clippedBound } from './theory.ts';

export interface ClippingProtocol extends JsonObject {
  readonly seeds: number;
  readonly inputs: number;
  readonly widths: readonly number[];
  /** c: weights lie in [−c, c]. */
  readonly clips: readonly number[];
  /** Where a critic's steepness is looked for. */
  readonly points: number;
  readonly walkSteps: number;
  /** Of the trained critics. */
  readonly trainedClip: number;
  readonly learningRate: number;
  readonly batchSize: number;
  readonly steps: number;
  /** ‖shift‖. */
  readonly distance: number;
  /** Steps between estimates, each on `testSize` fresh examples of either distribution. */
  readonly every: number;
  readonly testSize: number;
}

export const arms: readonly { readonly arm: string; readonly norm: CriticNorm }[] = [
  { arm: 'clipped', norm: 'none' },
  { arm: 'spectral', norm: 'spectral' },
];

const definitions = {
  'slope-over-bound':
    'the steepest slope found of a critic with weights drawn from [−c, c], over its bound ∏ c √(inputs · units)',
  'steepest-slope':
    'max of ‖∇f‖ over points and walks up the gradient, and of |f(a) − f(b)|/‖a − b‖ over pairs, float64',
  'largest-weight': 'max |w| over all weights and biases after the step',
  'critic-estimate': 'E f(p) − E f(q) on fresh examples, p ~ N(shift, I), q ~ N(0, I)',
  'estimate-error': 'standard error of the same',
  'trained-slope': 'the steepest slope found of the critic after its training',
} as const;

type Quantity = keyof typeof definitions;

function record(quantity: Quantity, value: number, rest: Partial<StepRecord> = {}): StepRecord {
  return { step: 0, quantity, value, definition: definitions[quantity], mode: 'train', ...rest };
}

/** `values` [N] and their `gradients` [N, D]. */
function steepnessGraph({ points, inputs, widths }: ClippingProtocol, norm: CriticNorm): Graph {
  const g = new GraphBuilder(ops, 'float64');
  const x = g.input('x', [points, inputs], { kind: 'data' });
  const values = critic(newNetwork(g, 'eval'), x, widths, norm);
  const [gradients] = grad(g, reduceSum(g, values, axesOf(values)), [x]);
  return g.finish('steepness', { values, gradients });
}

/** One RMSProp step up E f(p) − E f(q), weights clipped after it; of x [2N, D] the first N are examples of p. */
function stepGraph({ batchSize, inputs, widths, trainedClip }: ClippingProtocol, norm: CriticNorm): Graph {
  const g = new GraphBuilder(ops, 'float64');
  const network = newNetwork(g, 'train');
  const x = g.input('x', [2 * batchSize, inputs], { kind: 'data' });
  const f = critic(network, x, widths, norm);
  const signs = Array.from({ length: 2 * batchSize }, (_, n) => (n < batchSize ? -1 : 1));
  const weighted = g.emit('Mul', [f, g.constant(signs, [2 * batchSize])]);
  const loss = div(g, reduceSum(g, weighted, [0]), batchSize);
  const parameters = g.inputs.flatMap(({ value, role }) => (role.kind === 'parameter' ? [value] : []));
  const optimise = (...step: readonly [Value, readonly Value[], readonly Value[]]) =>
    rmsProp(g, ...step, defaultRmsProp);
  const project = norm === 'none' ? clipTo(g, trainedClip) : undefined;
  const { updates } = descend(g, loss, parameters, optimise, project);
  return g.finish('step', { estimate: sub(g, 0, loss) }, [...updates, ...network.updates]);
}

/** `values` of a critic as it stands. */
function testGraph({ testSize, inputs, widths }: ClippingProtocol, norm: CriticNorm): Graph {
  const g = new GraphBuilder(ops, 'float64');
  const x = g.input('x', [2 * testSize, inputs], { kind: 'data' });
  return g.finish('test', { values: critic(newNetwork(g, 'eval'), x, widths, norm) });
}

export async function measure(
  laboratory: Laboratory,
  protocol: ClippingProtocol,
  norm: CriticNorm,
  seed: number,
): Promise<readonly StepRecord[]> {
  const drawn = norm === 'none' ? await slopesOfClipped(laboratory, protocol, seed) : [];
  return [...drawn, ...(await train(laboratory, protocol, norm, seed))];
}

/** Critics with weights drawn from [−c, c], for each c. */
async function slopesOfClipped(
  laboratory: Laboratory,
  protocol: ClippingProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  const { clips, inputs, points, walkSteps } = protocol;
  const graph = steepnessGraph(protocol, 'none');
  const sample = drawNormal(points * inputs, { seed, name: 'arjovsky2017/weight-clipping points' });
  const records: StepRecord[] = [];
  for (const [i, c] of clips.entries()) {
    const weights = graph.inputs.flatMap(({ value, role }) => {
      if (role.kind !== 'parameter') return [];
      const name = `arjovsky2017/weight-clipping ${value.name}`;
      return [[value.name, drawUniform(elementCount(value.shape), { seed, step: i, name }, -c, c)] as const];
    });
    const f = async (x: Float64Array) => {
      const { values, gradients } = await laboratory.run(graph, { x, ...Object.fromEntries(weights) });
      return { values: values ?? new Float64Array(), gradients: gradients ?? new Float64Array() };
    };
    const { pairs, gradient } = await estimateLipschitz(f, sample, inputs, { steps: walkSteps, stride: 0.5 });
    const slope = Math.max(pairs, gradient);
    records.push(record('steepest-slope', slope, { at: c }));
    records.push(record('slope-over-bound', slope / clippedBound(c, protocol), { at: c }));
    await laboratory.progress(i + 1, clips.length + 1);
  }
  return records;
}

async function train(
  laboratory: Laboratory,
  protocol: ClippingProtocol,
  norm: CriticNorm,
  seed: number,
): Promise<readonly StepRecord[]> {
  const { batchSize, steps, every, inputs, points, walkSteps, learningRate, distance } = protocol;
  const step = stepGraph(protocol, norm);
  const device = laboratory.openDevice('reference');
  await device.load(step, 'state');
  await device.load(testGraph(protocol, norm));
  await device.load(steepnessGraph(protocol, norm));
  await device.write(initialState(step, seed));
  const parameters = step.inputs.flatMap(({ value, role }) => (role.kind === 'parameter' ? [value.name] : []));
  const records: StepRecord[] = [];
  for (let t = 0; t <= steps; t++) {
    if (t % every === 0) records.push(...(await estimate(device, protocol, seed, t)));
    if (t === steps) break;
    const x = examples(batchSize, inputs, distance, { seed, step: t, name: 'arjovsky2017/weight-clipping batch' });
    await device.run('step', { x, learningRate: Float64Array.of(learningRate) });
    if (norm === 'none' && (t + 1) % every === 0) {
      records.push(record('largest-weight', await largestWeight(device, parameters), { step: t + 1 }));
    }
    if (t % 100 === 0) await laboratory.progress(t, steps);
  }
  const sample = drawNormal(points * inputs, { seed, name: 'arjovsky2017/weight-clipping trained points' });
  const f = async (x: Float64Array) => {
    const { values, gradients } = await device.run('steepness', { x });
    return { values: Float64Array.from(values ?? [], Number), gradients: Float64Array.from(gradients ?? [], Number) };
  };
  const { pairs, gradient } = await estimateLipschitz(f, sample, inputs, { steps: walkSteps, stride: 0.5 });
  return [...records, record('trained-slope', Math.max(pairs, gradient), { step: steps })];
}

/** What the critic makes of fresh examples. */
async function estimate(
  device: Device,
  { testSize, inputs, distance }: ClippingProtocol,
  seed: number,
  step: number,
): Promise<readonly StepRecord[]> {
  const x = examples(testSize, inputs, distance, { seed, step, name: 'arjovsky2017/weight-clipping test' });
  const values = Array.from((await device.run('test', { x }))['values'] ?? [], Number);
  const [p, q] = [values.slice(0, testSize), values.slice(testSize)];
  const error = Math.hypot(standardDeviation(p), standardDeviation(q)) / Math.sqrt(testSize);
  return [record('critic-estimate', mean(p) - mean(q), { step }), record('estimate-error', error, { step })];
}

/** N examples of N(shift, I), the shift along the diagonal, and then N of N(0, I). */
function examples(
  half: number,
  inputs: number,
  distance: number,
  key: { readonly seed: number; readonly step: number; readonly name: string },
): Float64Array {
  const shift = distance / Math.sqrt(inputs);
  return drawNormal(2 * half * inputs, key).map((value, i) => (i < half * inputs ? value + shift : value));
}

async function largestWeight(device: Device, names: readonly string[]): Promise<number> {
  let largest = 0;
  for (const { data } of (await device.read(names)).values()) {
    for (const value of data) largest = Math.max(largest, Math.abs(Number(value)));
  }
  return largest;
}
