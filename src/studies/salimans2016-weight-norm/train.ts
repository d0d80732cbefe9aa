/**
 * @file A network with weight norm, started from a first batch and trained by plain gradient descent: the moments that the
 * start leaves, and the squared norm of every direction, step by step.
 */

import type { Laboratory } from '../../cells/laboratory.ts';
import { mul, reduceMean, reduceSum, sub } from '../../graph/arithmetic.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import { innerProduct } from '../../math/inner-product.ts';
import { squareOf } from '../../math/power.ts';
import { defaultModelSettings } from '../../models/model.ts';
import { defaultNormSettings } from '../../norms/norm.ts';
import type { StepRecord } from '../../records/record.ts';
import type { Device } from '../../runtime/device.ts';
import type { TensorData } from '../../runtime/tensor-data.ts';
import { initialState } from '../../train/initial-state.ts';
import { buildNetwork, type NetworkSpec } from '../../train/network-graph.ts';
import { buildFirst, buildStep, type StepOutputs } from '../../train/step-graph.ts';
import { drawNormal } from '../draws.ts';
import { columns } from '../normed-layer.ts';
import type { WeightNormProtocol } from './measure.ts';

const definitions = {
  'first-mean':
    'max over units of |mean| of the pre-activations on the first batch, after initialisation by it, float64',
  'first-variance': 'max over units of |variance − 1| of the same, the biased variance',
  'growth-error': 'max over units of |‖v_{t+1}‖² − ‖v_t‖² − lr² ‖∂L/∂v_t‖²| / ‖v_{t+1}‖², float64',
  shrinkage: 'max over units of (‖v_t‖² − ‖v_{t+1}‖²) / ‖v_t‖², 0 where none shrinks',
  growth: '‖v_t‖² / ‖v_0‖² of a layer, the sum over its units',
  'predicted-growth': '(‖v_0‖² + lr² Σ_{s<t} ‖∂L/∂v_s‖²) / ‖v_0‖² of a layer',
  loss: 'mean cross-entropy of the mini-batch before the update',
} as const;

function record(step: number, quantity: keyof typeof definitions, value: number, layer?: string): StepRecord {
  const definition = definitions[quantity];
  return { step, quantity, value, definition, mode: 'train', ...(layer !== undefined && { layer }) };
}

/** The model, step and first batch that every training with weight norm has; epsilon = 0, and no kinks. */
function networkSpec({ width, classes, batchSize, inputs }: WeightNormProtocol): NetworkSpec {
  const modelSettings = {
    ...defaultModelSettings,
    norm: 'weight',
    normSettings: { ...defaultNormSettings, epsilon: 0 },
    activation: 'tanh',
    initialiser: 'glorot',
    width,
    classes,
  } as const;
  return { model: 'mlp', modelSettings, imageShape: [1, 1, inputs], batchSize, float: 'float64' };
}

/** Per normalised layer and unit, the squared norms of its direction and of the direction's gradient. */
const squares: StepOutputs = ({ g, network, parameters, gradients }) =>
  Object.fromEntries(
    parameters.flatMap((parameter, i) => {
      const layer = parameter.name.replace(/\/weight$/, '');
      if (!network.activations.has(layer)) return [];
      const square = (value: Value): Value => reduceSum(g, mul(g, value, value), [0]);
      return [
        [`${layer}/square`, square(parameter)],
        [`${layer}/slope-square`, square(gradients[i] ?? parameter)],
      ];
    }),
  );

/** `layer/mean` and `layer/variance` (biased) per unit of what each hidden layer hands to its activation. */
function momentsGraph(spec: NetworkSpec): Graph {
  const { g, network } = buildNetwork(spec, 'frozen');
  const outputs = [...network.activations].flatMap(([layer, activated]) => {
    const [before = activated] = g.producer(activated)?.inputs ?? [];
    const mean = reduceMean(g, before, [0], true);
    const centred = sub(g, before, mean);
    return [
      [`${layer}/mean`, mean],
      [`${layer}/variance`, reduceMean(g, mul(g, centred, centred), [0])],
    ] as const;
  });
  return g.finish('moments', Object.fromEntries(outputs));
}

export async function train(
  laboratory: Laboratory,
  protocol: WeightNormProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  const { steps, learningRate, cases, batchSize, classes, inputs } = protocol;
  const name = 'salimans2016/weight-norm';
  const teacher = columns(drawNormal(inputs * classes, { seed, name: `${name} teacher` }), classes);
  const batch = (step: number): { x: Float64Array; labels: Int32Array } =>
    labelled(drawNormal(batchSize * inputs, { seed, step, name: `${name} batch` }), teacher);
  const spec = networkSpec(protocol);
  const graph = buildStep('step', spec, { momentum: 0, weightDecay: 0, nesterov: false }, [squares]);
  const device = laboratory.openDevice('reference');
  await device.load(graph, 'state');
  await device.write(initialState(graph, seed));
  const records = [...(await firstBatch(device, spec, batch(0).x))];
  const courses = new Map<string, Course>();
  for (let step = 0; step <= steps; step++) {
    const outputs = await device.run(graph.name, { ...batch(step), learningRate: Float64Array.of(learningRate) });
    records.push(record(step, 'loss', Number(outputs['loss']?.[0])));
    for (const key of Object.keys(outputs).filter((output) => output.endsWith('/square'))) {
      const layer = key.replace(/\/square$/, '');
      const gained = numbers(outputs[`${layer}/slope-square`]).map((square) => squareOf(learningRate) * square);
      const course = courses.get(layer) ?? newCourse();
      courses.set(layer, course);
      records.push(...follow(course, layer, step, numbers(outputs[key]), gained));
    }
    await laboratory.progress(cases + step, cases + steps);
  }
  return records;
}

/** Starts gain and bias from a batch, and says what moments that leaves. */
async function firstBatch(device: Device, spec: NetworkSpec, x: Float64Array): Promise<readonly StepRecord[]> {
  const first = buildFirst(spec);
  const moments = momentsGraph(spec);
  if (first === undefined) return [];
  await device.load(first, 'state');
  await device.load(moments);
  await device.run(first.name, { x });
  return Object.entries(await device.run(moments.name, { x })).map(([output, data]) => {
    const [layer, what] = output.split('/');
    return what === 'mean'
      ? record(0, 'first-mean', largest(numbers(data).map(Math.abs)), layer)
      : record(0, 'first-variance', largest(numbers(data).map((value) => Math.abs(value - 1))), layer);
  });
}

/** What has been seen of one layer: per unit ‖v‖² and lr² ‖∂L/∂v‖² of the last step, and sums since the first. */
interface Course {
  last: { readonly squares: readonly number[]; readonly gained: readonly number[] } | undefined;
  initial: number;
  predicted: number;
}

function newCourse(): Course {
  return { last: undefined, initial: Number.NaN, predicted: Number.NaN };
}

/** Records one step of a layer, and the one before it against this one's norms. */
function follow(
  course: Course,
  layer: string,
  step: number,
  now: readonly number[],
  gained: readonly number[],
): readonly StepRecord[] {
  const { last } = course;
  if (last === undefined) course.initial = course.predicted = sum(now);
  const records = [
    record(step, 'growth', sum(now) / course.initial, layer),
    record(step, 'predicted-growth', course.predicted / course.initial, layer),
  ];
  course.predicted += sum(gained);
  course.last = { squares: now, gained };
  if (last === undefined) return records;
  const pairs = now.map((square, i) => [square, last.squares[i] as number, last.gained[i] as number] as const);
  const errors = pairs.map(([square, before, gain]) => Math.abs(square - before - gain) / square);
  const shrunk = pairs.map(([square, before]) => Math.max(0, (before - square) / before));
  return [
    ...records,
    record(step - 1, 'growth-error', largest(errors), layer),
    record(step - 1, 'shrinkage', largest(shrunk), layer),
  ];
}

function numbers(data: TensorData | undefined): readonly number[] {
  return Array.from(data ?? [], Number);
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

/** The largest of some numbers; NaN where one is. */
function largest(values: readonly number[]): number {
  return values.reduce((a, b) => (Number.isNaN(b) || b > a ? b : a));
}

/** x [N, D] with the class of each row: that whose weight, of the teacher's, it has the largest product with. */
function labelled(x: Float64Array, teacher: readonly Float64Array[]): { x: Float64Array; labels: Int32Array } {
  const inputs = teacher[0]?.length ?? 1;
  const labels = Int32Array.from({ length: x.length / inputs }, (_, n) => {
    const row = x.subarray(n * inputs, (n + 1) * inputs);
    const scores = teacher.map((weight) => innerProduct(row, weight));
    return scores.indexOf(Math.max(...scores));
  });
  return { x, labels };
}
