/** @file From a finished training run to its section of the report. */

import { counted } from '../../counted.ts';
import type { TrainingSpec } from '../../cells/training-spec.ts';
import { isModelName, models } from '../../models/index.ts';
import { type NormName, normName, norms } from '../../norms/index.ts';
import { probeName, probes } from '../../probes/index.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { FinishedCell } from '../../records/cell.ts';
import { type StepRecord, whereText } from '../../records/record.ts';
import type { DeviceSettings } from '../../runtime/device.ts';
import type { TrainingSection } from '../../studies/document.ts';
import type { Figure, LineMark, Table } from '../../studies/figure.ts';
import { format3 } from '../../studies/number-text.ts';
import { stepsAxis } from '../../studies/trained-figures.ts';
import { curvatureFigures, isSpectrum } from './curvature-figures.ts';
import { distributionFigures } from './distributions.ts';
import { explosionFigures } from './explosion.ts';
import { runCommandText } from './run-command.ts';
import { definitionsOf, settingPairs } from '../reproduce/study-section.ts';

/** Points of a training curve that a figure shows at most. */
const CURVE_POINTS = 400;

/** @param wallSeconds - undefined where the cell was found rather than trained */
export function trainingSection(
  spec: TrainingSpec,
  device: DeviceSettings,
  cell: FinishedCell,
  wallSeconds: number | undefined,
): TrainingSection {
  const { problem, training } = spec;
  const records = cell.records();
  const { network } = problem.about;
  const title = isModelName(network) ? models[network].title : network;
  const norm = norms[normOf(spec)].title;
  return {
    kind: 'training',
    title: `${title}, ${norm}`,
    sentence: outcome(cell, records),
    figures: [
      lossFigure(spec, records),
      accuracyFigure(spec, records),
      ...explosionFigures(records),
      ...curvatureFigures(records, training, colourArm(spec)),
    ],
    ...distributionsOf(records, colourArm(spec)),
    tables: probeTables(spec, records),
    settings: settingPairs(JSON.parse(JSON.stringify({ ...problem.about, ...training })) as JsonObject),
    definitions: definitionsOf(records),
    command: runCommandText(spec, device),
    wallSeconds,
  };
}

function distributionsOf(records: readonly StepRecord[], arm: string): Pick<TrainingSection, 'distributions'> {
  const distributions = distributionFigures(records, arm);
  return distributions.rows.length === 0 ? {} : { distributions };
}

function outcome(cell: FinishedCell, records: readonly StepRecord[]): string {
  const diverged = cell.summary['divergedAt'];
  if (typeof diverged === 'number') return `The training diverged at step ${diverged}.`;
  const tested = records.filter(({ quantity }) => quantity === 'test-accuracy');
  const last = tested.at(-1);
  const best = Math.max(...tested.map(({ value }) => value));
  if (last === undefined) return `${counted(Number(cell.summary['steps']), 'step')} of training.`;
  const history =
    tested.length === 1 ? '' : ` (best of ${counted(tested.length, 'evaluation')}: ${format3(100 * best)} %)`;
  return `Test accuracy ${format3(100 * last.value)} % after ${counted(last.step, 'step')}${history}.`;
}

/** By which norm a network of the registry is normalised. */
function normOf({ problem }: TrainingSpec): NormName {
  return normName(problem.about.norm);
}

/** Batch norms of some kind share an arm, and with it a colour. */
function colourArm(spec: TrainingSpec): string {
  const norm = normOf(spec);
  if (norm === 'none') return 'standard';
  if (norm === 'noisy-batch') return 'noisy';
  return norms[norm].pools?.batch === 'all' ? 'batch' : norms[norm].title;
}

/** Means over stretches of steps, so that a curve has at most 400 points. */
function stretched(records: readonly StepRecord[], quantity: string): { x: readonly number[]; y: readonly number[] } {
  const wanted = records.filter((record) => record.quantity === quantity);
  const length = Math.max(1, Math.ceil(wanted.length / CURVE_POINTS));
  const starts = Array.from({ length: Math.ceil(wanted.length / length) }, (_, i) => i * length);
  const parts = starts.map((start) => wanted.slice(start, start + length));
  return {
    x: parts.map((part) => part.reduce((sum, { step }) => sum + step, 0) / part.length),
    y: parts.map((part) => part.reduce((sum, { value }) => sum + value, 0) / part.length),
  };
}

function curves(spec: TrainingSpec, records: readonly StepRecord[], train: string, test: string): readonly LineMark[] {
  const about = { mark: 'line', arm: colourArm(spec), seed: spec.training.seed } as const;
  return [
    { ...about, label: 'train', ...stretched(records, train) },
    { ...about, label: 'test', ...stretched(records, test) },
  ].filter(({ x }) => x.length > 0);
}

function lossFigure(spec: TrainingSpec, records: readonly StepRecord[]): Figure {
  return {
    id: 'loss',
    title: 'Loss',
    caption: 'Cross-entropy: of the mini-batches (means over stretches of steps), and of the whole test set.',
    x: stepsAxis,
    y: { label: 'cross-entropy', unit: 'nats', scale: 'log' },
    marks: curves(spec, records, 'loss', 'test-loss'),
  };
}

function accuracyFigure(spec: TrainingSpec, records: readonly StepRecord[]): Figure {
  return {
    id: 'accuracy',
    title: 'Accuracy',
    caption: 'Fraction classified correctly: of the mini-batches as trained on, and of the whole test set.',
    x: stepsAxis,
    y: { label: 'accuracy', unit: '', scale: 'linear' },
    marks: curves(spec, records, 'accuracy', 'test-accuracy'),
  };
}

/** What probes measured first and last; bins of a histogram, which have a layer and a place in it, and spectra are left to the files. */
function probeTables({ probes: held }: TrainingSpec, records: readonly StepRecord[]): readonly Table[] {
  const quantities = new Set(held.flatMap(({ name }) => Object.keys(probes[probeName(name)].quantities)));
  const probed = records.filter(
    (record) =>
      quantities.has(record.quantity) && (record.layer === undefined || record.at === undefined) && !isSpectrum(record),
  );
  const series = new Map<string, StepRecord[]>();
  for (const record of probed) {
    const key = `${record.quantity}|${whereText(record)}`;
    const list = series.get(key);
    if (list === undefined) series.set(key, [record]);
    else list.push(record);
  }
  if (series.size === 0) return [];
  return [
    {
      title: 'Probes',
      caption: 'The first and the last measurement of each; all of them are in the files of records.',
      columns: ['quantity', 'where', 'first step', 'value', 'last step', 'value'],
      rows: [...series.values()].flatMap((list) => {
        const [first, last] = [list[0], list.at(-1)];
        if (first === undefined || last === undefined) return [];
        const where = whereText(first);
        return [
          [first.quantity, where === '' ? 'whole network' : where, first.step, first.value, last.step, last.value],
        ];
      }),
    },
  ];
}
