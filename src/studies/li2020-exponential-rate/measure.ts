/**
 * @file One scale-invariant network, trained with weight decay and without, on the same batches: what it computes at each
 * step, and how its weights turn.
 */

import { grad } from '../../autodiff/reverse.ts';
import type { Laboratory } from '../../cells/laboratory.ts';
import { dot } from '../../graph/arithmetic.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph } from '../../graph/graph.ts';
import { power } from '../../math/power.ts';
import { relativeError } from '../../math/relative-error.ts';
import { activations } from '../../nn/activations.ts';
import { dense } from '../../nn/layers.ts';
import { crossEntropy } from '../../nn/losses.ts';
import { newNetwork } from '../../nn/network.ts';
import { norms } from '../../norms/index.ts';
import { defaultNormSettings } from '../../norms/norm.ts';
import { ops } from '../../ops/index.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { StepRecord } from '../../records/record.ts';
import type { Device } from '../../runtime/device.ts';
import type { TensorData } from '../../runtime/tensor-data.ts';
import { initialState } from '../../train/initial-state.ts';
import { type OptimiserSettings, sgd } from '../../train/optimiser.ts';
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
 * A step of a network in which every weight is followed by batch norm (epsilon = 0, no gamma or beta) and whose head is
 * fed, not learnt. Gives `loss`, `logits`, and per layer the products of its weights before and after the update.
 */
export function stepGraph(name: string, protocol: RateProtocol, optimiser: OptimiserSettings): Graph {
  const { examples, inputs, units, classes } = protocol;
  const g = new GraphBuilder(ops, 'float64');
  const network = newNetwork(g, 'frozen');
  const settings = { ...defaultNormSettings, epsilon: 0, gamma: false, beta: false };
  let x = g.input('x', [examples, inputs], { kind: 'data' });
  units.forEach((count, i) => {
    const y = dense(g, layerName(i), x, count, { initialiser: 'glorot', bias: false });
    x = activations.relu(g, norms.batch.build(network, `${layerName(i)}/norm`, y, settings));
  });
  const head = g.input('head', [units.at(-1) ?? inputs, classes], { kind: 'data' });
  const logits = g.emit('MatMul', [x, head]);
  const loss = crossEntropy(g, logits, g.input('labels', [examples], { kind: 'data' }, 'int32'));
  const weights = g.inputs.flatMap(({ value, role }) => (role.kind === 'parameter' ? [value] : []));
  const learningRate = g.input('learningRate', [], { kind: 'scalar' });
  const updates = sgd(g, learningRate, weights, grad(g, loss, weights), optimiser);
  const products = weights.flatMap((weight, i) => {
    const next = updates.find(({ state }) => state === weight)?.next ?? weight;
    return [
      [`${layerName(i)}/square`, dot(g, weight, weight)],
      [`${layerName(i)}/product`, dot(g, weight, next)],
      [`${layerName(i)}/next-square`, dot(g, next, next)],
    ] as const;
  });
  return g.finish(name, { loss, logits, ...Object.fromEntries(products) }, updates);
}

/** "layer1". */
function layerName(index: number): string {
  return `layer${index + 1}`;
}

type Outputs = Readonly<Record<string, TensorData>>;

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
  const device = laboratory.openDevice('reference');
  const records: StepRecord[] = [];
  for (const [place, momentum] of protocol.momenta.entries()) {
    const training = {
      learningRate: protocol.learningRates[place] ?? Number.NaN,
      weightDecay: protocol.weightDecay,
      momentum,
    };
    records.push(...(await compare(device, protocol, training, seed)));
    await laboratory.progress(place + 1, protocol.momenta.length);
  }
  return records;
}

async function compare(
  device: Device,
  protocol: RateProtocol,
  training: DecayedTraining,
  seed: number,
): Promise<readonly StepRecord[]> {
  const { learningRate, weightDecay, momentum } = training;
  const alpha = shrinkage(training);
  const decayed = await openTraining(device, protocol, { momentum, weightDecay, nesterov: false }, seed);
  const free = await openTraining(device, protocol, { momentum, weightDecay: 0, nesterov: false }, seed);
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
  records.push(...reference.outputs.map(({ loss }, step) => record(step, 'loss', Number(loss?.[0]), 'decay')));

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
    outputs.forEach(({ loss, logits }, step) => {
      const error = relativeError(logits as Float64Array, reference.outputs[step]?.['logits'] as Float64Array);
      records.push(record(step, 'loss', Number(loss?.[0]), name), record(step, 'logits-error', error, name));
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
  device: Device,
  protocol: RateProtocol,
  optimiser: OptimiserSettings,
  seed: number,
): Promise<(course: Course) => Promise<{ outputs: readonly Outputs[]; weights: ReadonlyMap<string, Float64Array> }>> {
  const { examples, inputs, units, classes, steps } = protocol;
  const { momentum, weightDecay } = optimiser;
  const graph = stepGraph(`momentum ${momentum}, weight decay ${weightDecay}`, protocol, optimiser);
  await device.load(graph, 'state');
  const drawn = initialState(graph, seed) as ReadonlyMap<string, Float64Array>;
  const names = units.map((_, i) => `${layerName(i)}/weight`);
  const head = drawNormal((units.at(-1) ?? inputs) * classes, { seed, name: 'li2020/exponential-rate head' });
  return async ({ rate, scale = 1, velocity = 0, nudge = 0 }) => {
    const start = names.flatMap((name) => {
      const weight =
        drawn.get(name)?.map((value, i) => scale * value * (1 + (i % 2 === 0 ? nudge : -nudge))) ?? new Float64Array();
      return [
        [name, weight] as const,
        ...(momentum > 0 ? [[`${name}/velocity`, weight.map((value) => velocity * value)] as const] : []),
      ];
    });
    await device.write(new Map(start));
    const outputs: Outputs[] = [];
    for (let step = 0; step < steps; step++) {
      const x = drawNormal(examples * inputs, { seed, step, name: 'li2020/exponential-rate x' });
      const stream = drawStream({ seed, step, name: 'li2020/exponential-rate labels' });
      const labels = Int32Array.from({ length: examples }, () => stream.integer(classes));
      outputs.push(await device.run(graph.name, { x, labels, head, learningRate: Float64Array.of(rate(step)) }));
    }
    const ended = await device.read(names);
    return { outputs, weights: new Map(names.map((name) => [name, ended.get(name)?.data as Float64Array])) };
  };
}

/** η/‖w‖² and the angle per step of one layer, from the products of its weights before and after each update. */
function turning(
  outputs: readonly Outputs[],
  layer: string,
  learningRate: number,
  record: (step: number, quantity: 'effective-rate' | 'angle', value: number, layer: string) => StepRecord,
): StepRecord[] {
  return outputs.flatMap((step, t) => {
    const [square = 0, product = 0, next = 0] = ['square', 'product', 'next-square'].map((key) =>
      Number(step[`${layer}/${key}`]?.[0]),
    );
    const cosine = Math.min(1, product / Math.sqrt(square * next));
    return [record(t, 'effective-rate', learningRate / square, layer), record(t, 'angle', Math.acos(cosine), layer)];
  });
}
