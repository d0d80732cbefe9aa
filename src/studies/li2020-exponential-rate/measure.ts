/**
 * @file One scale-invariant network, trained with weight decay and without, on the same batches: what it computes at each
 * step, and how its weights turn.
 */

import { need } from '../../errors.ts';
import type { Laboratory } from '../../cells/laboratory.ts';
import { dot } from '../../graph/arithmetic.ts';
import { power } from '../../math/power.ts';
import { relativeError } from '../../math/relative-error.ts';
import { defaultNormSettings } from '../../norms/norm.ts';
import { classifier } from '../../problems/classifier.ts';
import type { NetworkFunction } from '../../problems/network-function.ts';
import { type Problem, withoutRunningStatistics } from '../../problems/problem.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { StepRecord } from '../../records/record.ts';
import { outputOf, scalarOf, type Tensors } from '../../runtime/device.ts';
import { sgd } from '../../train/optimisers/sgd.ts';
import type { StepOutputs } from '../../train/step-graph.ts';
import { drawNormal, drawStream } from '../draws.ts';
import { type DecayedTraining, exactRate, initialVelocity, quotedRate, shrinkage } from './theory.ts';

export interface RateProtocol extends JsonObject {
  /** How many seeds: weights, batches and head of their own. */
  readonly seeds: number;
  /** T, training steps. */
  readonly steps: number;
  /** One training each, with the learning rate of the same place, which no two share. */
  readonly momenta: readonly number[];
  readonly learningRates: readonly number[];
  /** How many trainings, from the first, are judged; others are reported. */
  readonly judged: number;
  readonly weightDecay: number;
  readonly examples: number;
  readonly inputs: number;
  /** Units of the normalised layers. */
  readonly units: readonly number[];
  readonly classes: number;
}

const definitions = {
  loss: 'mean cross-entropy of the mini-batch before the update, batch statistics, float64',
  'logits-error':
    'max |logits − logits with weight decay| / max |logits with weight decay|, same batch, before the update',
  'weight-error': 'max |α^T v_T − w_T| / max |w_T| over a layer, w_T with weight decay, v_T without, after T steps',
  'effective-rate': 'η / ‖w‖² of a layer before the update, with weight decay',
  angle: 'the angle between a layer’s weights before and after the update, in radians, with weight decay',
} as const;

/**
 * A network in which every weight is followed by batch norm (epsilon = 0, no gamma or beta) and whose head is fed, not
 * learnt.
 */
export function scaleInvariant({ inputs, units, classes }: RateProtocol): Problem {
  const network: NetworkFunction = ({ network: { g }, dense }) => {
    return (x) => {
      const last = units.reduce((y, count, i) => dense(layerName(i), y, count, { bias: false }), x);
      const head = g.input('head', [units.at(-1) ?? inputs, classes], { kind: 'data' });
      return g.emit('MatMul', [last, head]);
    };
  };
  const normSettings = { ...defaultNormSettings, epsilon: 0, gamma: false, beta: false };
  const settings = { input: [inputs], classes, norm: 'batch', normSettings, initialiser: 'glorot' } as const;
  return withoutRunningStatistics(classifier(network, { ...settings, float: 'float64' }));
}

/** The step's `logits`, and per layer the products of its weights before and after the update. */
const looks: StepOutputs = ({ g, prediction, parameters, updates }) => {
  const next = new Map(updates.map((update) => [update.state, update.next]));
  const products = parameters.flatMap((weight, i) => {
    const after = need(next.get(weight), `an update of '${weight.name}'`);
    return [
      [`${layerName(i)}/square`, dot(g, weight, weight)],
      [`${layerName(i)}/product`, dot(g, weight, after)],
      [`${layerName(i)}/next-square`, dot(g, after, after)],
    ] as const;
  });
  return { logits: prediction, ...Object.fromEntries(products) };
};

/** "layer1". */
function layerName(index: number): string {
  return `layer${index + 1}`;
}

/** Where a training begins and which rate each of its steps takes. */
interface Course {
  readonly rate: (step: number) => number;
  /** Factor of the drawn weights. */
  readonly scale?: number;
  /** m_0 over w_0. */
  readonly velocity?: number;
  /** By how much each drawn weight is changed, relatively and alternately up and down. */
  readonly nudge?: number;
}

export async function measure(
  laboratory: Laboratory,
  protocol: RateProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  const records: StepRecord[] = [];
  for (const [place, momentum] of protocol.momenta.entries()) {
    const training = {
      learningRate: need(protocol.learningRates[place], `a learning rate for momentum ${momentum}`),
      weightDecay: protocol.weightDecay,
      momentum,
    };
    records.push(...(await compare(laboratory, protocol, training, seed)));
    await laboratory.progress(place + 1, protocol.momenta.length);
  }
  return records;
}

async function compare(
  laboratory: Laboratory,
  protocol: RateProtocol,
  training: DecayedTraining,
  seed: number,
): Promise<readonly StepRecord[]> {
  const { learningRate } = training;
  const alpha = shrinkage(training);
  const decayed = await openTraining(laboratory, protocol, training, seed);
  const free = await openTraining(laboratory, protocol, { ...training, weightDecay: 0 }, seed);
  const record = (step: number, quantity: keyof typeof definitions, value: number, layer: string): StepRecord => ({
    step,
    quantity,
    value,
    layer,
    at: learningRate,
    definition: definitions[quantity],
    mode: 'frozen',
  });
  const reference = await decayed({ rate: () => learningRate });
  const records = protocol.units.flatMap((_, i) => turning(reference.outputs, layerName(i), learningRate, record));
  records.push(...reference.outputs.map((given, step) => record(step, 'loss', scalarOf(given, 'loss'), 'decay')));

  const velocity = initialVelocity(training);
  const courses: Readonly<Record<string, Course & { readonly decayed?: true }>> = {
    twin: { rate: () => learningRate, nudge: Number.EPSILON, decayed: true },
    exact: { rate: (step) => exactRate(training, step), velocity },
    'quoted-rescaled': {
      rate: (step) => quotedRate(training, step),
      scale: Math.sqrt(alpha),
      velocity: velocity / alpha,
    },
    quoted: { rate: (step) => quotedRate(training, step), velocity: velocity / alpha },
    constant: { rate: () => learningRate },
  };
  for (const [name, course] of Object.entries(courses)) {
    const { outputs, weights } = await (course.decayed ? decayed : free)(course);
    outputs.forEach((given, step) => {
      const expected = outputOf(need(reference.outputs[step], `a step ${step}`), 'logits');
      const error = relativeError(outputOf(given, 'logits') as Float64Array, expected as Float64Array);
      records.push(record(step, 'loss', scalarOf(given, 'loss'), name), record(step, 'logits-error', error, name));
    });
    if (name !== 'exact') continue;
    for (const [layer, end] of weights) {
      const shrunk = end.map((value) => power(alpha, protocol.steps) * value);
      records.push(record(protocol.steps, 'weight-error', relativeError(shrunk, reference.weights.get(layer)), layer));
    }
  }
  return records;
}

/** A training that can be run from any start: all its outputs, and the weights it ends with. */
async function openTraining(
  laboratory: Laboratory,
  protocol: RateProtocol,
  { momentum, weightDecay, learningRate }: DecayedTraining,
  seed: number,
): Promise<(course: Course) => Promise<{ outputs: readonly Tensors[]; weights: ReadonlyMap<string, Float64Array> }>> {
  const { examples, inputs, units, classes, steps } = protocol;
  const session = await laboratory.openSession(scaleInvariant(protocol), {
    batchSize: examples,
    optimiser: sgd({ momentum, weightDecay }),
    learningRate,
    seed,
    readouts: [{ every: 1, outputs: looks }],
  });
  const names = units.map((_, i) => `${layerName(i)}/weight`);
  const weights = async (): Promise<ReadonlyMap<string, Float64Array>> =>
    new Map([...(await session.read(names))].map(([name, { data }]) => [name, data as Float64Array]));
  const drawn = await weights();
  const head = drawNormal((units.at(-1) ?? inputs) * classes, { seed, name: 'li2020/exponential-rate head' });
  return async ({ rate, scale = 1, velocity = 0, nudge = 0 }) => {
    const start = [...drawn].flatMap(([name, weight]) => {
      const moved = weight.map((value, i) => scale * value * (1 + (i % 2 === 0 ? nudge : -nudge)));
      return [
        [name, moved] as const,
        ...(momentum > 0 ? [[`sgd/${name}/velocity`, moved.map((value) => velocity * value)] as const] : []),
      ];
    });
    await session.write(new Map(start));
    const outputs: Tensors[] = [];
    for (let step = 0; step < steps; step++) {
      const x = drawNormal(examples * inputs, { seed, step, name: 'li2020/exponential-rate x' });
      const stream = drawStream({ seed, step, name: 'li2020/exponential-rate labels' });
      const labels = Int32Array.from({ length: examples }, () => stream.integer(classes));
      session.learningRate = rate(step);
      outputs.push((await session.take({ x, labels, head })).outputs);
    }
    return { outputs, weights: await weights() };
  };
}

/** η/‖w‖² and the angle per step of one layer, from the products of its weights before and after each update. */
function turning(
  outputs: readonly Tensors[],
  layer: string,
  learningRate: number,
  record: (step: number, quantity: 'effective-rate' | 'angle', value: number, layer: string) => StepRecord,
): StepRecord[] {
  return outputs.flatMap((step, t) => {
    const [square, product, next] = ['square', 'product', 'next-square'].map((key) =>
      scalarOf(step, `${layer}/${key}`),
    ) as [number, number, number];
    const cosine = Math.min(1, product / Math.sqrt(square * next));
    return [record(t, 'effective-rate', learningRate / square, layer), record(t, 'angle', Math.acos(cosine), layer)];
  });
}
