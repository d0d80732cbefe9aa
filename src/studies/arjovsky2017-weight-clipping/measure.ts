/**
 * @file Critics whose weights are clipped or spectrally normalised: how steep they are, and what they make of the distance
 * between two normal distributions a known way apart, N(shift, I) and N(0, I), whose Wasserstein-1 distance is ‖shift‖.
 */

import { parametersOf } from '../../graph/graph.ts';
import type { Laboratory } from '../../cells/laboratory.ts';
import { elementCount } from '../../graph/tensor-type.ts';
import { mean, standardDeviation } from '../../math/statistics.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { StepRecord } from '../../records/record.ts';
import { outputOf, type Program } from '../../runtime/device.ts';
import { rmsProp } from '../../train/optimisers/rms-prop.ts';
import type { Session } from '../../train/session.ts';
import { type CriticNorm, criticProblem, steepnessGraph, steepnessOf, valuesGraph } from '../critic.ts';
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

export const armNames = ['clipped', 'spectral'] as const;
export type CriticArm = (typeof armNames)[number];

/** By what the weights of a critic are normalised. */
export const arms: Readonly<Record<CriticArm, CriticNorm>> = { clipped: 'none', spectral: 'spectral' };

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
  const graph = steepnessGraph(criticProblem({ ...protocol, norm: 'none' }), points);
  const sample = drawNormal(points * inputs, { seed, name: 'arjovsky2017/weight-clipping points' });
  const records: StepRecord[] = [];
  for (const [i, c] of clips.entries()) {
    const weights = parametersOf(graph).map(({ name, shape }) => {
      const key = { seed, step: i, name: `arjovsky2017/weight-clipping ${name}` };
      return [name, drawUniform(elementCount(shape), key, -c, c)] as const;
    });
    const f = steepnessOf({ run: (fed) => laboratory.run(graph, { ...fed, ...Object.fromEntries(weights) }) });
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
  const { batchSize, steps, every, inputs, points, walkSteps, learningRate, distance, testSize } = protocol;
  const problem = criticProblem({ ...protocol, norm });
  const session = await laboratory.openSession(problem, {
    batchSize: 2 * batchSize,
    optimiser: { ...rmsProp(), ...(norm === 'none' && { clip: protocol.trainedClip }) },
    learningRate,
    seed,
  });
  const test = await session.load(valuesGraph(problem, 2 * testSize));
  const steepness = await session.load(steepnessGraph(problem, points));
  const batch = (step: number) => ({
    x: examples(batchSize, inputs, distance, { seed, step, name: 'arjovsky2017/weight-clipping batch' }),
  });
  const records: StepRecord[] = [...(await estimate(test, protocol, seed, 0))];
  for await (const { step } of session.steps({ feeds: batch, until: steps })) {
    if (norm === 'none' && (step + 1) % every === 0) {
      records.push(record('largest-weight', await largestWeight(session), { step: step + 1 }));
    }
    if (step % 100 === 0) await laboratory.progress(step, steps);
    if ((step + 1) % every === 0) records.push(...(await estimate(test, protocol, seed, step + 1)));
  }
  const sample = drawNormal(points * inputs, { seed, name: 'arjovsky2017/weight-clipping trained points' });
  const walk = { steps: walkSteps, stride: 0.5 };
  const { pairs, gradient } = await estimateLipschitz(steepnessOf(steepness), sample, inputs, walk);
  return [...records, record('trained-slope', Math.max(pairs, gradient), { step: steps })];
}

/** What the critic makes of fresh examples. */
async function estimate(
  test: Program,
  { testSize, inputs, distance }: ClippingProtocol,
  seed: number,
  step: number,
): Promise<readonly StepRecord[]> {
  const x = examples(testSize, inputs, distance, { seed, step, name: 'arjovsky2017/weight-clipping test' });
  const values = Array.from(outputOf(await test.run({ x }), 'values'), Number);
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

async function largestWeight(session: Session): Promise<number> {
  const parameters = parametersOf(session.graph).map(({ name }) => name);
  let largest = 0;
  for (const { data } of (await session.read(parameters)).values()) {
    for (const value of data) largest = Math.max(largest, Math.abs(Number(value)));
  }
  return largest;
}
