/** @file Keskar's sharpness of a trained network, and of the same function with longer and shorter weights before batch norm. */

import type { Laboratory } from '../../cells/laboratory.ts';
import { openDisplacedLoss } from '../../curvature/displaced-loss.ts';
import { keskarSharpness } from '../../curvature/keskar-sharpness.ts';
import { need } from '../../errors.ts';
import { defaultNormSettings } from '../../norms/norm.ts';
import { classifier } from '../../problems/classifier.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { StepRecord } from '../../records/record.ts';
import { sgd } from '../../train/optimisers/sgd.ts';
import { drawNormal, drawStream } from '../draws.ts';

export interface RescalingProtocol extends JsonObject {
  readonly seeds: number;
  readonly firstSeed: number;
  readonly examples: number;
  readonly inputs: number;
  readonly classes: number;
  /** Of the multi-layer perceptron of three hidden layers. */
  readonly width: number;
  readonly steps: number;
  readonly learningRate: number;
  readonly epsilon: number;
  readonly iterations: number;
  /** What weights before batch norm are multiplied by. */
  readonly factors: readonly number[];
}

const definitions = {
  'rescaled-loss-error':
    '|f(a) − f(1)| / f(1), f(a) the loss with all weights before a batch norm multiplied by a, float64',
  'rescaled-sharpness': "Keskar's φ with all weights before a batch norm multiplied by a, whole space, float64",
} as const;

/** Random labels, so that there is something to be learnt by heart; epsilon = 0, so that the function is the same exactly. */
export async function measure(
  laboratory: Laboratory,
  { examples, inputs, classes, width, steps, learningRate, epsilon, iterations, factors }: RescalingProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  const problem = classifier('mlp', {
    input: [inputs],
    classes,
    width,
    normSettings: { ...defaultNormSettings, epsilon: 0 },
    activation: 'tanh',
    float: 'float64',
  });
  const name = 'dinh2017/rescaling';
  const stream = drawStream({ seed, name: `${name} labels` });
  const feeds = {
    x: drawNormal(examples * inputs, { seed, name: `${name} x` }),
    labels: Int32Array.from({ length: examples }, () => stream.integer(classes)),
  };
  const session = await laboratory.openSession(problem, { batchSize: examples, optimiser: sgd(), learningRate, seed });
  for await (const { step } of session.steps({ feeds: () => feeds, until: steps })) {
    await laboratory.progress(step + 1, steps + factors.length);
  }
  const f = await openDisplacedLoss((graph) => session.load(graph), problem, { batchSize: examples, mode: 'frozen' });
  const { network } = problem.build({ mode: 'frozen', batchSize: examples });
  const before = network.layers.map(({ parameters }) => need(parameters[0], 'the weight of a layer').name);
  const trained = await session.read(before);
  const records: StepRecord[] = [];
  let original = Number.NaN;
  for (const [i, at] of [1, ...factors].entries()) {
    const scaled = [...trained].map(
      ([weight, { data }]) => [weight, Float64Array.from(data as Float64Array, (w) => at * w)] as const,
    );
    await session.write(new Map(scaled));
    const found = await keskarSharpness(f.over([feeds]), await f.weights(feeds), { epsilon, iterations });
    if (at === 1) original = found.loss;
    const note = (quantity: keyof typeof definitions, value: number): StepRecord => ({
      step: steps,
      quantity,
      value,
      at,
      definition: definitions[quantity],
      mode: 'frozen',
    });
    records.push(
      note('rescaled-loss-error', Math.abs(found.loss - original) / original),
      note('rescaled-sharpness', found.phi),
    );
    await laboratory.progress(steps + i, steps + factors.length);
  }
  return records;
}
