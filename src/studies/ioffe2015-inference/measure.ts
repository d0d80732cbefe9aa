/** @file A normalised layer fed with all mini-batches of small populations, and evaluated with what they average to. */

import type { Laboratory } from '../../cells/laboratory.ts';
import { need } from '../../errors.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph } from '../../graph/graph.ts';
import { squareOf } from '../../math/power.ts';
import { relativeError } from '../../math/relative-error.ts';
import { mean } from '../../math/statistics.ts';
import { type Mode, newNetwork } from '../../nn/network.ts';
import { batch } from '../../norms/batch.ts';
import { defaultNormSettings } from '../../norms/norm.ts';
import { ops } from '../../ops/index.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { StepRecord } from '../../records/record.ts';
import { drawNormal, drawStream, drawUniform } from '../draws.ts';
import {
  batchesWithoutReplacement,
  batchesWithReplacement,
  gather,
  type Moments,
  momentsOf,
  type Populations,
} from './population.ts';
import { outputOf } from '../../runtime/device.ts';

export interface InferenceProtocol extends JsonObject {
  /** How many populations: each is a channel of the layer. */
  readonly populations: number;
  /** n. */
  readonly populationSize: number;
  /** m. */
  readonly batchSize: number;
  readonly epsilons: readonly number[];
  /** Weight of the new batch in a momentum average, and how many batches it is followed for. */
  readonly momentum: number;
  readonly batches: number;
}

const definitions = {
  mean: '|E_B[mean of B] − population mean| / population standard deviation, all batches B, float64',
  independent:
    '|m/(m−1) E_B[σ_B²] / (Σ(x − mean)²/n) − 1|, σ_B² biased, all nᵐ ordered batches with replacement, float64',
  distinct: '|m/(m−1) E_B[σ_B²] / (Σ(x − mean)²/(n−1)) − 1|, σ_B² biased, all batches without replacement, float64',
  uncorrected: '|E_B[σ_B²] / variance − (m−1)/m|, the variance as the sampling has it, all batches, float64',
  running: 'max over batches of |running variance with momentum 1 / (m/(m−1) σ_B²) − 1|, float64',
  affine:
    'max |y − (γ/√(Var + ε) x + β − γ E/√(Var + ε))| / max |y|, evaluation with the statistics of all batches, float64',
  factor:
    'max |(y − β)√(σ² + ε) − (y′ − β)√(σ² n/(n−1) + ε)| / max |(y − β)√(σ² + ε)|, y in training and y′ in evaluation, the whole population as batch, float64',
  average:
    'root mean square over populations of (mean of the first t unbiased batch variances) / Σ(x − mean)²/(n−1) − 1',
  momentum: 'the same of the running variance after t batches, from 1',
  spread: 'mean square of (unbiased batch variance) / Σ(x − mean)²/(n−1) − 1 over all batches and populations',
  start: 'mean square over populations of 1 / (Σ(x − mean)²/(n−1)) − 1: of a running variance before the first batch',
} as const;

/** y, the batch's mean and biased variance; in training also the running statistics after it. */
function layerGraph(
  mode: Mode,
  examples: number,
  channels: number,
  settings: { epsilon?: number; momentum?: number },
): Graph {
  const g = new GraphBuilder(ops, 'float64');
  const x = g.input('x', [examples, channels], { kind: 'data' });
  const network = newNetwork(g, mode);
  const y = batch.build(network, 'norm', x, { ...defaultNormSettings, ...settings });
  const statistics = [...network.quantities].map(([name, value]) => [name.replace('norm/', ''), value] as const);
  return g.finish(mode, { y, ...Object.fromEntries(statistics) }, network.updates);
}

/** gamma, beta, running mean and running variance of every channel. */
type Vectors = Readonly<Record<'gamma' | 'beta' | 'runningMean' | 'runningVariance', Float64Array>>;

function feedsOf(x: Float64Array, vectors: Vectors): Readonly<Record<string, Float64Array>> {
  return { x, ...Object.fromEntries(Object.entries(vectors).map(([name, data]) => [`norm/${name}`, data])) };
}

export async function measure(
  laboratory: Laboratory,
  protocol: InferenceProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  const { populations: count, populationSize: size, batchSize: m, epsilons } = protocol;
  const key = (what: string) => ({ seed, name: `ioffe2015/inference ${what}` });
  const populations = { size, count, values: drawNormal(size * count, key('population'), 2).map((value) => value + 1) };
  const moments = momentsOf(populations);
  const records: StepRecord[] = [];
  const add = (
    step: number,
    quantity: string,
    value: number,
    what: keyof typeof definitions,
    told: Pick<StepRecord, 'at' | 'place'> = {},
  ): void => {
    const mode = what === 'affine' ? 'eval' : 'train';
    records.push({ step, quantity, value, ...told, definition: definitions[what], mode });
  };

  const distinct = await averages(laboratory, populations, batchesWithoutReplacement(size, m));
  await laboratory.progress(1, 4);
  const independent = await averages(laboratory, populations, batchesWithReplacement(size, m));
  await laboratory.progress(2, 4);
  moments.forEach(({ mean: expected, biased, unbiased }, population) => {
    for (const [sampling, { means, variances, running }, variance] of [
      ['distinct', distinct, unbiased],
      ['independent', independent, biased],
    ] as const) {
      const averaged = variances[population] as number;
      const place = { sampling };
      const meanError = Math.abs((means[population] as number) - expected) / Math.sqrt(biased);
      add(population, 'mean-error', meanError, 'mean', { place });
      add(population, `${sampling}-error`, Math.abs(((m / (m - 1)) * averaged) / variance - 1), sampling);
      add(population, 'uncorrected-error', Math.abs(averaged / variance - (m - 1) / m), 'uncorrected', { place });
      add(population, 'running-error', running[population] as number, 'running', { place });
    }
  });

  const affine = { gamma: drawUniform(count, key('gamma'), 0.5, 2), beta: drawUniform(count, key('beta')) };
  for (const epsilon of epsilons) {
    const corrected = distinct.variances.map((variance) => (variance * m) / (m - 1));
    const inference = { ...affine, runningMean: distinct.means, runningVariance: corrected };
    add(0, 'affine-error', await affineError(laboratory, populations, inference, epsilon), 'affine', { at: epsilon });
    add(0, 'factor-error', await factorError(laboratory, populations, affine, epsilon), 'factor', { at: epsilon });
  }
  await laboratory.progress(3, 4);

  const spread = distinct.squares.map(
    (square, c) => square * squareOf(m / (m - 1) / (moments[c] as Moments).unbiased) - 1,
  );
  add(0, 'batch-spread', mean(spread), 'spread');
  add(0, 'start-error', mean(moments.map(({ unbiased }) => squareOf(1 / unbiased - 1))), 'start');
  for (const { t, average, momentum } of await follow(laboratory, protocol, populations, moments, seed)) {
    add(t, 'average-error', average, 'average');
    add(t, 'momentum-error', momentum, 'momentum');
  }
  return records;
}

/** Per population: means over batches of the mean, the biased variance and its square, and what the norm itself keeps. */
async function averages(
  laboratory: Laboratory,
  populations: Populations,
  batches: readonly (readonly number[])[],
): Promise<Readonly<Record<'means' | 'variances' | 'squares' | 'running', Float64Array>>> {
  const { count } = populations;
  const m = need(batches[0], 'a batch').length;
  const graph = layerGraph('train', m, count, { momentum: 1 });
  const [means, variances, squares, running] = [0, 1, 2, 3].map(() => new Float64Array(count)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (const members of batches) {
    const outputs = await laboratory.run(graph, feedsOf(gather(populations, members), startOf(count)));
    for (let c = 0; c < count; c++) {
      const variance = need(outputs['variance']?.[c], `a variance ${c}`);
      const kept = need(outputs['norm/runningVariance']?.[c], `a running variance ${c}`);
      means[c] = (means[c] as number) + need(outputs['mean']?.[c], `a mean ${c}`) / batches.length;
      variances[c] = (variances[c] as number) + variance / batches.length;
      squares[c] = (squares[c] as number) + squareOf(variance) / batches.length;
      // A batch of one member m times over has no variance.
      const error = variance === 0 ? kept : Math.abs(kept / ((m / (m - 1)) * variance) - 1);
      running[c] = Math.max(running[c] as number, error);
    }
  }
  return { means, variances, squares, running };
}

/** gamma and running variance 1, beta and running mean 0. */
function startOf(count: number): Vectors {
  const ones = new Float64Array(count).fill(1);
  const zeros = new Float64Array(count);
  return { gamma: ones, beta: zeros, runningMean: zeros, runningVariance: ones };
}

/** Algorithm 2, line 11, against the layer in evaluation. */
async function affineError(
  laboratory: Laboratory,
  { size, count, values }: Populations,
  vectors: Vectors,
  epsilon: number,
): Promise<number> {
  const { y } = await laboratory.run(layerGraph('eval', size, count, { epsilon }), feedsOf(values, vectors));
  const expected = values.map((x, i) => {
    const [gamma, beta, populationMean, variance] = [
      vectors.gamma,
      vectors.beta,
      vectors.runningMean,
      vectors.runningVariance,
    ].map((vector) => vector[i % count] as number) as [number, number, number, number];
    const scale = gamma / Math.sqrt(variance + epsilon);
    return scale * x + (beta - scale * populationMean);
  });
  return relativeError(y, expected);
}

/** Training on the whole population as one batch, beside evaluation with the statistics which that batch leaves. */
async function factorError(
  laboratory: Laboratory,
  { size, count, values }: Populations,
  { gamma, beta }: Pick<Vectors, 'gamma' | 'beta'>,
  epsilon: number,
): Promise<number> {
  const training = layerGraph('train', size, count, { epsilon, momentum: 1 });
  const trained = await laboratory.run(training, feedsOf(values, { ...startOf(count), gamma, beta }));
  const kept = trained as Readonly<Record<'variance' | 'norm/runningMean' | 'norm/runningVariance', Float64Array>>;
  const statistics = { runningMean: kept['norm/runningMean'], runningVariance: kept['norm/runningVariance'] };
  const evaluation = layerGraph('eval', size, count, { epsilon });
  const evaluated = await laboratory.run(evaluation, feedsOf(values, { gamma, beta, ...statistics }));
  const unscaled = (outputs: typeof trained, correction: number): Float64Array | undefined =>
    outputs['y']?.map((y, i) => {
      const variance = (kept.variance[i % count] as number) * correction;
      return (y - (beta[i % count] as number)) * Math.sqrt(variance + epsilon);
    });
  return relativeError(unscaled(evaluated, size / (size - 1)), unscaled(trained, 1));
}

/** Two ways to average the variances of a sequence of random batches: how far each is off after t of them. */
async function follow(
  laboratory: Laboratory,
  { populationSize: size, batchSize: m, populations: count, momentum, batches }: InferenceProtocol,
  populations: Populations,
  moments: readonly Moments[],
  seed: number,
): Promise<readonly { readonly t: number; readonly average: number; readonly momentum: number }[]> {
  const graph = layerGraph('train', m, count, { momentum });
  let state = startOf(count);
  const total = new Float64Array(count);
  const errors: { readonly t: number; readonly average: number; readonly momentum: number }[] = [];
  const rootMeanSquare = (estimate: (c: number) => number): number =>
    Math.sqrt(mean(moments.map(({ unbiased }, c) => squareOf(estimate(c) / unbiased - 1))));
  for (let t = 1; t <= batches; t++) {
    // One stream for all populations, each of which draws a batch of its own.
    const stream = drawStream({ seed, step: t, name: 'ioffe2015/inference batch' });
    const orders = moments.map(() => stream.permutation(size));
    const x = Float64Array.from({ length: m * count }, (_, i) => {
      const member = orders[i % count]?.[Math.floor(i / count)] as number;
      return populations.values[member * count + (i % count)] as number;
    });
    const outputs = await laboratory.run(graph, feedsOf(x, state));
    const next = (name: 'runningMean' | 'runningVariance'): Float64Array => outputOf(outputs, `norm/${name}`);
    state = { ...state, runningMean: next('runningMean'), runningVariance: next('runningVariance') };
    outputOf(outputs, 'variance').forEach((variance, c) => {
      total[c] = (total[c] as number) + (variance * m) / (m - 1);
    });
    errors.push({
      t,
      average: rootMeanSquare((c) => (total[c] as number) / t),
      momentum: rootMeanSquare((c) => state.runningVariance[c] as number),
    });
  }
  return errors;
}
