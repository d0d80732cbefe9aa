/**
 * @file A network with weight norm, started from a first batch and trained by plain gradient descent: the moments that the
 * start leaves, and the squared norm of every direction, step by step.
 */

import { need } from '../../errors.ts';
import type { Laboratory } from '../../cells/laboratory.ts';
import { mul, reduceMean, reduceSum, sub } from '../../graph/arithmetic.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import { innerProduct } from '../../math/inner-product.ts';
import { squareOf } from '../../math/power.ts';
import { defaultNormSettings } from '../../norms/norm.ts';
import { classifier } from '../../problems/classifier.ts';
import type { Problem } from '../../problems/problem.ts';
import type { StepRecord } from '../../records/record.ts';
import { outputOf } from '../../runtime/device.ts';
import type { TensorData } from '../../runtime/tensor-data.ts';
import { sgd } from '../../train/optimisers/sgd.ts';
import type { Session } from '../../train/session.ts';
import type { StepOutputs } from '../../train/step-graph.ts';
import { drawNormal } from '../draws.ts';
import { columns } from '../normed-layer.ts';
import type { WeightNormProtocol } from './protocol.ts';

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

/** An MLP whose hidden layers have weight norm; epsilon = 0, and no kinks. */
function weightNormed({ width, classes, inputs }: WeightNormProtocol): Problem {
  const normSettings = { ...defaultNormSettings, epsilon: 0 };
  const settings = { norm: 'weight', normSettings, activation: 'tanh', initialiser: 'glorot', width } as const;
  return classifier('mlp', { ...settings, input: [inputs], classes, float: 'float64' });
}

/** Per normalised layer and unit, the squared norms of its direction and of the direction's gradient. */
const squares: StepOutputs = ({ g, network, parameters, gradients }) => {
  const slopes = new Map(parameters.map((parameter, i) => [parameter, need(gradients[i], `a gradient ${i}`)]));
  const square = (value: Value): Value => reduceSum(g, mul(g, value, value), [0]);
  return Object.fromEntries(
    network.layers.flatMap(({ name, parameters }) => {
      const direction = need(parameters[0], `a direction of layer '${name}'`);
      return [
        [`${name}/square`, square(direction)],
        [`${name}/slope-square`, square(need(slopes.get(direction), `a gradient of '${direction.name}'`))],
      ];
    }),
  );
};

/** `layer/mean` and `layer/variance` (biased) per unit of what each hidden layer hands to its activation. */
function momentsGraph(problem: Problem, batchSize: number): Graph {
  const { g, network } = problem.build({ mode: 'frozen', batchSize });
  const outputs = network.layers.flatMap(({ name, summed }) => {
    const mean = reduceMean(g, summed, [0], true);
    const centred = sub(g, summed, mean);
    return [
      [`${name}/mean`, mean],
      [`${name}/variance`, reduceMean(g, mul(g, centred, centred), [0])],
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
  const session = await laboratory.openSession(weightNormed(protocol), {
    batchSize,
    optimiser: sgd(),
    learningRate,
    seed,
    firstBatch: batch(0),
    readouts: [{ every: 1, outputs: squares }],
  });
  const records = [...(await firstMoments(session, batch(0).x))];
  const courses = new Map<string, Course>();
  for await (const { step, loss, outputs } of session.steps({ feeds: batch, until: steps + 1 })) {
    records.push(record(step, 'loss', loss));
    for (const key of Object.keys(outputs).filter((output) => output.endsWith('/square'))) {
      const layer = key.replace(/\/square$/, '');
      const slopes = numbers(outputOf(outputs, `${layer}/slope-square`));
      const gained = slopes.map((square) => squareOf(learningRate) * square);
      const course = courses.get(layer) ?? newCourse();
      courses.set(layer, course);
      records.push(...follow(course, layer, step, numbers(outputOf(outputs, key)), gained));
    }
    await laboratory.progress(cases + step, cases + steps);
  }
  return records;
}

/** What moments gain and bias leave that were started from a batch, on that batch. */
async function firstMoments(session: Session, x: Float64Array): Promise<readonly StepRecord[]> {
  const moments = await session.load(momentsGraph(session.problem, session.settings.batchSize));
  return Object.entries(await moments.run({ x })).map(([output, data]) => {
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

function numbers(data: TensorData): readonly number[] {
  return Array.from<number | bigint, number>(data, Number);
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
  const inputs = need(teacher[0], 'a class').length;
  const labels = Int32Array.from({ length: x.length / inputs }, (_, n) => {
    const row = x.subarray(n * inputs, (n + 1) * inputs);
    const scores = teacher.map((weight) => innerProduct(row, weight));
    return scores.indexOf(Math.max(...scores));
  });
  return { x, labels };
}
