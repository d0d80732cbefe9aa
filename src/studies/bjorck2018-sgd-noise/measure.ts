/** @file How far mini-batch gradients lie from the full gradient, by drawing batches and by listing all of them. */

import { grad } from '../../autodiff/reverse.ts';
import type { Laboratory } from '../../cells/laboratory.ts';
import { need } from '../../errors.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import { type Graph, parametersOf } from '../../graph/graph.ts';
import { relativeError } from '../../math/relative-error.ts';
import { mean, standardDeviation } from '../../math/statistics.ts';
import { defaultModelSettings } from '../../models/model.ts';
import { mlp } from '../../models/mlp.ts';
import { crossEntropy } from '../../nn/losses.ts';
import { newNetwork } from '../../nn/network.ts';
import type { NormName } from '../../norms/index.ts';
import { ops } from '../../ops/index.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { StepRecord } from '../../records/record.ts';
import { initialState } from '../../train/initial-state.ts';
import { drawNormal, drawStream } from '../draws.ts';
import { allBatches, batchNoise, bernoulliNoise, distances, type Sampling, samplings } from './noise.ts';

export interface NoiseProtocol extends JsonObject {
  /** N examples [1, image, image], normal, with labels drawn evenly. */
  readonly examples: number;
  readonly image: number;
  /** Of the multi-layer perceptron, relative to 100 units per layer. */
  readonly width: number;
  /** |B|, at learning rate `rate`. */
  readonly sizes: readonly number[];
  readonly rate: number;
  /** alpha, at batch size `size`. */
  readonly rates: readonly number[];
  readonly size: number;
  /** Batches per setting. */
  readonly draws: number;
  /** Examples of the population whose batches are all listed. */
  readonly listed: number;
}

const network = 'all parameters of an MLP without norm, cross-entropy, float64';
const noiseText = `mean over random batches of ‖alpha ∇l − alpha ∇SGD‖², ${network}`;

/** Loss gradients of a batch, one output per parameter. */
function gradientGraph({ image, width }: NoiseProtocol, batch: number, norm: NormName): Graph {
  const g = new GraphBuilder(ops, 'float64');
  const images = g.input('images', [batch, 1, image, image], { kind: 'data' });
  const labels = g.input('labels', [batch], { kind: 'data' }, 'int32');
  const settings = { ...defaultModelSettings, norm, width, initialiser: mlp.initialiser };
  const loss = crossEntropy(g, mlp.build(newNetwork(g, 'frozen'), images, settings), labels);
  const parameters = parametersOf(g);
  const gradients = grad(g, loss, parameters);
  const outputs = parameters.map(({ name }, i) => [name, need(gradients[i], `a gradient of ${name}`)] as const);
  return g.finish('gradient', Object.fromEntries(outputs));
}

/** The gradient over all parameters in one list, of examples `from` … `from + count − 1`. */
type Gradient = (from: number, count: number) => Promise<Float64Array>;

function gradientOf(laboratory: Laboratory, protocol: NoiseProtocol, seed: number, norm: NormName): Gradient {
  const { examples, image } = protocol;
  const pixels = image * image;
  const images = drawNormal(examples * pixels, { seed, name: 'bjorck2018/sgd-noise images' });
  const stream = drawStream({ seed, name: 'bjorck2018/sgd-noise labels' });
  const labels = Int32Array.from({ length: examples }, () => stream.integer(defaultModelSettings.classes));
  const graphs = new Map<number, Graph>();
  return async (from, count) => {
    const graph = graphs.get(count) ?? gradientGraph(protocol, count, norm);
    graphs.set(count, graph);
    const outputs = await laboratory.run(graph, {
      ...Object.fromEntries(initialState(graph, seed)),
      images: images.slice(from * pixels, (from + count) * pixels),
      labels: labels.slice(from, from + count),
    });
    return Float64Array.from(Object.values(outputs).flatMap((values) => [...values]));
  };
}

export async function measure(
  laboratory: Laboratory,
  protocol: NoiseProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  const { examples, sizes, rate, rates, size, draws, listed } = protocol;
  const records: StepRecord[] = [];
  const record = (quantity: string, value: number, definition: string, where: { layer?: string; at?: number } = {}) => {
    records.push({ step: 0, quantity, value, definition, mode: 'frozen', ...where });
  };

  const gradient = gradientOf(laboratory, protocol, seed, 'none');
  const each: Float64Array[] = [];
  for (let i = 0; i < examples; i++) each.push(await gradient(i, 1));
  const full = await gradient(0, examples);
  const separable = relativeError(average(each), full);
  record('separability-error', separable, `max |mean of ∇l_i − ∇l| / max |∇l|, ${network}`);
  const coupled = await halvesError(gradientOf(laboratory, protocol, seed, 'batch'), examples);
  const halves = `max |mean of the gradients of two halves − ∇l| / max |∇l|, batch statistics, ${network.replace('without norm', 'with batch norm')}`;
  record('coupling', coupled, halves);

  const population = distances(each);
  record('example-noise', population.noise, `C = mean over all examples of ‖∇l_i − ∇l‖², ${network}`);
  const sample = async (quantity: string, sampling: Sampling, alpha: number, b: number, at: number): Promise<void> => {
    const stream = drawStream({ seed, name: `bjorck2018/sgd-noise ${sampling} ${alpha} ${b}` });
    const values = Float64Array.from({ length: draws }, () =>
      batchNoise(population, samplings[sampling].draw(stream, examples, b), alpha),
    );
    record(quantity, mean(values), noiseText, { layer: sampling, at });
    const error = standardDeviation(values) / Math.sqrt(draws);
    record(`${quantity}-error`, error, `standard error of the ${noiseText}`, { layer: sampling, at });
    await laboratory.progress(records.length, 4 * sizes.length + 2 * rates.length);
  };
  for (const b of sizes) {
    for (const sampling of ['with replacement', 'without replacement'] as const) {
      await sample('noise-by-size', sampling, rate, b, b);
    }
  }
  for (const alpha of rates) await sample('noise-by-rate', 'with replacement', alpha, size, alpha);

  const small = distances(each.slice(0, listed));
  for (let b = 1; b < listed; b++) {
    for (const [sampling, { factor }] of Object.entries(samplings)) {
      const noises = allBatches(listed, b, sampling as Sampling).map((batch) => batchNoise(small, batch, rate));
      const expected = ((rate * rate * small.noise) / b) * factor(listed, b);
      const definition = `|mean over all batches of ‖alpha ∇l − alpha ∇SGD‖² − closed form| / closed form, ${listed} examples, ${network}`;
      record('listing-error', Math.abs(mean(noises) - expected) / expected, definition, { layer: sampling, at: b });
    }
    const bernoulli = bernoulliNoise(small, b / listed) / (((listed - b) / (b * listed)) * small.noise);
    const definition = `mean over all subsets, each example in with probability b/N, of ‖(1/b) Σ(∇l_i − ∇l)‖², over C (N − b)/(bN), ${listed} examples, ${network}`;
    record('bernoulli-ratio', bernoulli, definition, { at: b });
  }
  return records;
}

async function halvesError(gradient: Gradient, examples: number): Promise<number> {
  const half = examples / 2;
  return relativeError(average([await gradient(0, half), await gradient(half, half)]), await gradient(0, examples));
}

function average(vectors: readonly Float64Array[]): Float64Array {
  const { length } = need(vectors[0], 'a vector');
  return Float64Array.from({ length }, (_, k) =>
    mean(vectors.map((vector) => need(vector[k], 'a number in each vector'))),
  );
}
