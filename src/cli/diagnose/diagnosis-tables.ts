/** @file The tables of a diagnosis: layer by layer, losses, scalings, rates, and the rules that were asked. */

import type { Diagnosis } from '../../diagnosis/diagnose.ts';
import { average, middleOf } from '../../diagnosis/groups.ts';
import { deadUnits, idleUnits } from '../../diagnosis/layer-counts.ts';
import type { WeightAbout } from '../../diagnosis/look-graph.ts';
import {
  type Measured,
  type MeasuredLayer,
  type MeasuredNorm,
  type MeasuredWeight,
  numbersOf,
} from '../../diagnosis/measure.ts';
import { thresholds } from '../../diagnosis/thresholds.ts';
import { euclideanNorm } from '../../math/inner-product.ts';
import { shown } from '../../onnx/shown.ts';
import type { Table } from '../../studies/figure.ts';
import { layerOrder } from './diagnosis-depth-figures.ts';

/** What is known of one layer, from whichever of its parts was measured. */
interface Row {
  readonly name: string;
  readonly layer: MeasuredLayer | undefined;
  readonly norm: MeasuredNorm | undefined;
  readonly weights: readonly MeasuredWeight[];
  readonly state: Measured['state'];
}

/** Undefined where the layer has no such number. */
type NumberOf = (row: Row) => number | undefined;

const percent = (count: number, of: number): number => (100 * count) / of;

const numbers: readonly (readonly [column: string, of: NumberOf])[] = [
  ['units', ({ layer }) => layer?.about.units],
  ['size', ({ layer }) => layer?.spread.value],
  ['channel mean', ({ norm }) => norm && middleOf(norm.population.mean)],
  ['running mean', ({ norm }) => norm && middleOf(norm.running.mean)],
  ['channel variance', ({ norm }) => norm && middleOf(norm.population.variance)],
  ['running variance', ({ norm }) => norm && middleOf(norm.running.variance)],
  ['D', ({ norm }) => norm?.staleness.distance],
  ['R', ({ norm }) => norm?.staleness.ratio],
  ['movement', ({ norm }) => norm?.wander.value],
  [
    'gamma',
    ({ norm, state }) => (norm?.place.gamma === undefined ? undefined : middleOf(numbersOf(state, norm.place.gamma))),
  ],
  ['dead %', ({ layer }) => layer?.active && percent(deadUnits(layer.active), layer.about.units)],
  ['idle %', ({ layer }) => layer?.active && percent(idleUnits(layer.active), layer.about.units)],
  ['saturated %', ({ layer }) => layer?.saturated && 100 * layer.saturated],
  ['‖w‖', ({ weights }) => lengthOf(weights.map(({ length }) => length))],
  ['‖gradient‖', ({ weights }) => lengthOf(weights.map(({ gradient }) => gradient.value))],
  ['without gradient %', ({ weights }) => weights[0] && 100 * (1 - weights[0].reached)],
];

/** A row per layer, in order; columns that no layer has a number for are left out. */
export function layerTable(measured: Measured): Table {
  const rows = layerOrder(measured).map(
    (name): Row => ({
      name,
      layer: measured.layers.find(({ about }) => about.name === name),
      norm: measured.norms.find(({ place }) => place.layer === name),
      weights: measured.weights.filter(({ about }) => about.layer === name),
      state: measured.state,
    }),
  );
  const columns = numbers.filter(([, of]) => rows.some((row) => of(row) !== undefined));
  return {
    title: 'Layer by layer',
    caption:
      'Size: standard deviation of all that the linear map gives. Means, variances and gamma: medians over channels, of the data and as the file has them running. D and R: how far running means (in standard deviations) and variances (as a power of 2) are from those of the data. Movement: of batch means, in standard deviations. Dead: 0 on every example; idle: above 0 less than 1 % of the time. A dash: the layer has no such number, or it is none.',
    columns: ['layer', 'number', 'kind', ...columns.map(([column]) => column)],
    rows: rows.map((row, i) => [
      shown(row.name),
      i + 1,
      kindOf(row),
      ...columns.map(([, of]) => of(row) ?? Number.NaN),
    ]),
  };
}

/** "convolution 8 → 16, 3 × 3; batch norm; ReLU". */
function kindOf({ layer, norm, weights }: Row): string {
  const [first] = weights;
  const { activation = 'other', hasNorm = false, hasShortcut = false } = layer?.about ?? {};
  return [
    first && linearMap(first.about),
    norm !== undefined ? 'batch norm' : hasNorm ? 'norm' : undefined,
    hasShortcut ? 'shortcut' : undefined,
    activation === 'relu' ? 'ReLU' : activation === 'tanh' ? 'tanh' : undefined,
  ]
    .filter((word) => word !== undefined)
    .join('; ');
}

function linearMap({ shape }: WeightAbout): string {
  const [outputs, inputs, ...taps] = shape;
  return taps.length === 0 ? `dense ${shape.join(' × ')}` : `convolution ${taps.join(' × ')}, ${inputs} → ${outputs}`;
}

function lengthOf(lengths: readonly number[]): number | undefined {
  return lengths.length === 0 ? undefined : euclideanNorm(Float64Array.from(lengths));
}

/** Loss and accuracy by mode, and with statistics put right. */
export function lossTable({ measured, restoration, sizes = [] }: Diagnosis): Table | undefined {
  if (measured === undefined) return undefined;
  const { evaluation, frozen, batchSize } = measured;
  const points = (accuracy: readonly number[]): number =>
    accuracy.length === 0 ? Number.NaN : 100 * average(accuracy);
  const none = Number.NaN;
  return {
    title: 'Losses',
    caption: 'Means over batches, in nats; what was put right are the running statistics, from those of the data.',
    columns: ['mode', 'loss', 'accuracy %'],
    rows: [
      ['evaluation, as it is', average(evaluation.loss), points(evaluation.accuracy)],
      ...[...(restoration?.alone ?? [])].map(([layer, loss]) => [`evaluation, ${shown(layer)} put right`, loss, none]),
      ...(restoration === undefined ? [] : [['evaluation, all norms put right', restoration.all, none]]),
      [`training, batches of ${batchSize}`, average(frozen.loss), points(frozen.accuracy)],
      ...sizes
        .filter((size) => size.batchSize !== batchSize)
        .map((size) => [`training, batches of ${size.batchSize}`, size.loss, none]),
    ],
  };
}

export function scalingTable({ preprocessing }: Diagnosis): Table | undefined {
  if (preprocessing === undefined) return undefined;
  return {
    title: 'Scalings of the input',
    caption: 'Of the first examples in evaluation mode, the best first.',
    columns: ['scaling', 'formula', 'accuracy %', 'loss'],
    rows: preprocessing.tried.map(({ scaling, accuracy, loss }) => [
      scaling.name,
      scaling.formula,
      100 * accuracy,
      loss,
    ]),
  };
}

/** Every short training. */
export function rateTable({ ceiling, bareCeiling }: Diagnosis): Table | undefined {
  const of = (variant: string, trials: NonNullable<Diagnosis['ceiling']>['trials'] = []): Table['rows'] =>
    trials
      .toSorted((a, b) => a.rate - b.rate)
      .map(({ rate, fault, losses, growth }) => [
        variant,
        rate,
        fault ?? 'holds',
        losses.length,
        losses[0] ?? Number.NaN,
        losses.at(-1) ?? Number.NaN,
        growth,
      ]);
  const rows = [...of('as it is', ceiling?.trials), ...of('without norms', bareCeiling?.trials)];
  if (rows.length === 0) return undefined;
  return {
    title: 'Short trainings',
    caption:
      'By plain gradient descent from the network’s own weights; growth is of the length of weights before norms.',
    columns: ['network', 'rate', 'came to', 'steps', 'first loss', 'last loss', 'growth'],
    rows,
  };
}

/** What was looked for. */
export function ruleTable({ findings }: Diagnosis): Table {
  const none = Number.NaN;
  return {
    title: 'Rules',
    caption: 'Every rule, with the number that it reads and from where on it speaks; a dash where it never does.',
    columns: ['rule', 'found', 'note beyond', 'problem beyond', 'number'],
    rows: Object.entries(thresholds).map(([rule, { what, note = none, problem = none }]) => {
      const own = findings.filter((finding) => finding.rule === rule);
      const level = own.some((finding) => finding.level === 'problem') ? 'problem' : own.length > 0 ? 'note' : '';
      return [rule, level, note, problem, what];
    }),
  };
}
