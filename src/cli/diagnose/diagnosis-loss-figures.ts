/** @file Figures of a diagnosis on what a network gets right: loss by mode, batch size, scaling and rate, and along a step. */

import { scaleOf } from '../../studies/axis-scale.ts';
import type { Diagnosis } from '../../diagnosis/diagnose.ts';
import { overBatches } from '../../diagnosis/groups.ts';
import type { Ceiling, Trial } from '../../diagnosis/trials.ts';
import type { Interval } from '../../math/statistics.ts';
import { formatNumber } from '../../report/format.ts';
import type { Axis, DotMark, LineMark, PlotFigure, RuleMark } from '../../studies/figure.ts';
import { fitted } from './diagnosis-layer-figure.ts';
import { ceilingWords } from './diagnosis-text.ts';

/** Norms whose statistics were put right one at a time: so many rows can be read. */
const MOST_ALONE = 4;

const nats: Axis = { label: 'loss', unit: 'nats', scale: 'linear' };

interface ModeRow {
  readonly name: string;
  readonly arm: string;
  readonly value: number;
  readonly interval?: Interval | undefined;
}

/** Loss by running statistics, as they are and put right, beside that by the batch's own. */
export function modesFigure({ measured, restoration }: Diagnosis): PlotFigure | undefined {
  if (measured === undefined || measured.norms.length === 0) return undefined;
  const { evaluation, frozen } = measured;
  const rows: readonly ModeRow[] = [
    { name: 'evaluation', arm: 'running statistics', ...overBatches(evaluation.loss) },
    ...(restoration === undefined ? [] : tried(restoration)),
    { name: 'training', arm: 'batch statistics', ...overBatches(frozen.loss) },
  ];
  const isDrawn = ({ value }: ModeRow): boolean => Number.isFinite(value);
  const none = rows.filter((row) => !isDrawn(row)).map(({ name }) => name);
  const drawn = rows.filter(isDrawn);
  return {
    id: 'modes',
    title: 'Loss in evaluation and in training mode',
    caption:
      `Of the same examples: by running statistics, and by each batch’s own, as in training${restoration === undefined ? '' : '; and in evaluation mode with the statistics of the data put into the norm that is named alone, or into all'}. Bars are 95 % intervals over batches.` +
      (none.length === 0 ? '' : ` No number, and not drawn: ${none.join(', ')}.`),
    x: { ...nats, scale: scaleOf(rows.map(({ value }) => value)) },
    y: { label: '', unit: '', scale: 'linear', categories: drawn.map(({ name }) => name) },
    marks: ['running statistics', 'batch statistics', 'put right'].flatMap((arm) => rowMark(drawn, arm)),
  };
}

function tried({ alone, cause, after, all }: NonNullable<Diagnosis['restoration']>): readonly ModeRow[] {
  const sizeOf = (loss: number): number => (Number.isFinite(loss) ? loss : Number.POSITIVE_INFINITY);
  const ranked = [...alone].toSorted(([, a], [, b]) => sizeOf(a) - sizeOf(b)).slice(0, MOST_ALONE);
  const arm = 'put right';
  return [
    ...ranked.map(([layer, value]) => ({ name: fitted(layer), arm, value })),
    ...(cause.length > 1 && cause.length < alone.size ? [{ name: `${cause.length} norms`, arm, value: after }] : []),
    { name: 'all norms', arm, value: all },
  ];
}

function rowMark(rows: readonly ModeRow[], arm: string): readonly DotMark[] {
  const own = rows.flatMap((row, y) => (row.arm === arm && Number.isFinite(row.value) ? [{ ...row, y }] : []));
  if (own.length === 0) return [];
  return [
    {
      mark: 'dot',
      arm,
      x: own.map(({ value }) => value),
      y: own.map(({ y }) => y),
      interval: {
        along: 'x',
        low: own.map(({ value, interval }) => interval?.lower ?? value),
        high: own.map(({ value, interval }) => interval?.upper ?? value),
      },
    },
  ];
}

/** Loss by the statistics of batches of several sizes, beside that of evaluation mode. */
export function sizesFigure({ measured, sizes }: Diagnosis): PlotFigure | undefined {
  if (measured === undefined || measured.norms.length === 0 || sizes === undefined || sizes.length < 2)
    return undefined;
  const running = overBatches(measured.evaluation.loss).value;
  const losses = sizes.map(({ loss }) => loss);
  return {
    id: 'batch-sizes',
    title: 'Loss by batch size',
    caption: `By the statistics of batches of each size, without a step of training; yours is ${measured.batchSize}.`,
    x: { label: 'examples per batch', unit: '', scale: 'log' },
    y: { ...nats, scale: scaleOf([...losses, running]) },
    marks: [
      ...ruleAt('y', running, 'evaluation mode'),
      { mark: 'line', arm: 'batch statistics', x: sizes.map(({ batchSize }) => batchSize), y: losses },
    ],
  };
}

/** What the network makes of the images by each scaling. @param fed - the name of the one that it is fed */
export function scalingFigures({ preprocessing }: Diagnosis, fed: string): readonly PlotFigure[] {
  if (preprocessing === undefined) return [];
  const { tried: all } = preprocessing;
  const arms = ['as it is fed', 'another'];
  const figure = (of: 'accuracy' | 'loss', title: string, x: Axis): PlotFigure => ({
    id: `scaling-${of}`,
    title,
    caption: 'Of the first examples in evaluation mode; the formulas stand in the table.',
    x,
    y: {
      label: '',
      unit: '',
      scale: 'linear',
      categories: all.map(({ scaling }) => scaling.name.replace('-inverted', ' inverted')),
    },
    arms,
    marks: arms.flatMap((arm) => {
      const own = all.flatMap((one, y) =>
        (one.scaling.name === fed) === (arm === arms[0]) ? [{ x: one[of], y }] : [],
      );
      const seen = own.map((one) => (of === 'accuracy' ? { ...one, x: 100 * one.x } : one));
      return dots(arm, seen);
    }),
  });
  return [
    figure('accuracy', 'Accuracy by scaling of the input', { label: 'accuracy', unit: '%', scale: 'linear' }),
    figure('loss', 'Loss by scaling of the input', { ...nats, scale: scaleOf(all.map(({ loss }) => loss)) }),
  ];
}

/** The variants whose rates were searched. */
function searched({ measured, ceiling, bareCeiling }: Diagnosis): readonly (readonly [string, Ceiling])[] {
  const own = (measured?.norms.length ?? 0) > 0 ? 'with its norms' : 'as it is';
  return [
    ...(ceiling === undefined ? [] : [[own, ceiling] as const]),
    ...(bareCeiling === undefined ? [] : [['without norms', bareCeiling] as const]),
  ];
}

const held = ['holds', 'does not hold'] as const;

/** Which rates hold, with norms and without. @param rate - the user's, where one was named */
export function ceilingFigure(diagnosis: Diagnosis, rate: number | undefined): PlotFigure | undefined {
  const variants = searched(diagnosis);
  if (variants.length === 0) return undefined;
  const words = variants.map(([name, ceiling]) => `The largest ${name}: ${ceilingWords(ceiling)}.`);
  return {
    id: 'rates',
    title: 'Learning rates that hold',
    caption: `Short trainings by plain gradient descent from the network’s own weights, a dot each${variants.some(([, { seeds }]) => seeds?.interval !== undefined) ? '; a bar is the 95 % interval of the ceiling over orders of the examples' : ''}. ${words.join(' ')}`,
    x: { label: 'learning rate', unit: '', scale: 'log' },
    y: { label: '', unit: '', scale: 'linear', categories: variants.map(([name]) => name) },
    arms: [...held, 'ceiling'],
    marks: [
      ...ceilingMarks(variants),
      ...(rate === undefined ? [] : ruleAt('x', rate, `yours ${formatNumber(rate)}`)),
      ...held.flatMap((arm) => {
        const own = variants.flatMap(([, { trials }], y) =>
          trials.flatMap((trial) => (armOf(trial) === arm ? [{ x: trial.rate, y }] : [])),
        );
        return dots(arm, own);
      }),
    ],
  };
}

/** The ceiling over orders of the examples, where several were searched. */
function ceilingMarks(variants: readonly (readonly [string, Ceiling])[]): readonly DotMark[] {
  return variants.flatMap(([, { seeds }], y): DotMark[] => {
    const interval = seeds?.interval;
    if (interval === undefined) return [];
    const ends = { along: 'x', low: [interval.lower], high: [interval.upper] } as const;
    return [{ mark: 'dot', arm: 'ceiling', x: [interval.mean], y: [y], interval: ends }];
  });
}

function armOf({ holds }: Trial): (typeof held)[number] {
  return holds ? 'holds' : 'does not hold';
}

/** Beyond so many times the first loss a training has gone, and where to is of no interest. */
const GONE = 1000;

/** The losses of the short trainings of the network as it is. */
export function trialsFigure({ ceiling }: Diagnosis): PlotFigure | undefined {
  if (ceiling === undefined) return undefined;
  const marks = ceiling.trials
    .toSorted((a, b) => a.rate - b.rate)
    .map((trial): LineMark => {
      const most = GONE * Math.max(1, trial.losses[0] ?? 1);
      return {
        mark: 'line',
        arm: armOf(trial),
        label: `rate ${formatNumber(Number(trial.rate.toPrecision(2)))}`,
        x: trial.losses.map((_, step) => step),
        y: trial.losses.map((loss) => (loss <= most ? loss : Number.POSITIVE_INFINITY)),
      };
    });
  return {
    id: 'trials',
    title: 'Short trainings',
    caption:
      'Loss of the mini-batches before each step, from the network’s own weights; a triangle marks what lies beyond the axis.',
    x: { label: 'step', unit: '', scale: 'linear' },
    y: { ...nats, scale: scaleOf(marks.flatMap(({ y }) => y)) },
    arms: held,
    marks,
  };
}

/** How much weights before norms grew at each rate. */
export function growthFigure({ ceiling }: Diagnosis): PlotFigure | undefined {
  const trials = (ceiling?.trials ?? []).filter(({ growth }) => Number.isFinite(growth));
  if (trials.length < 2) return undefined;
  return {
    id: 'weight-growth',
    title: 'Growth of the weights before norms',
    caption: 'Their length after a short training at each rate, over that before.',
    x: { label: 'learning rate', unit: '', scale: 'log' },
    y: { label: 'length after ÷ before', unit: '', scale: scaleOf(trials.map(({ growth }) => growth)) },
    arms: held,
    marks: held.flatMap((arm) =>
      dots(
        arm,
        trials.flatMap((trial) => (armOf(trial) === arm ? [{ x: trial.rate, y: trial.growth }] : [])),
      ),
    ),
  };
}

/** The loss along the gradient. */
export function landscapeFigure({ landscape }: Diagnosis): PlotFigure | undefined {
  if (landscape === undefined || landscape.ray.length < 2) return undefined;
  const { ray, sharpness, edge } = landscape;
  return {
    id: 'landscape',
    title: 'Loss along the step',
    caption: `Of one batch by its own statistics, at the weights moved against the gradient. The largest curvature there is ${formatNumber(sharpness)}: in a quadratic of that, plain gradient descent leaves at rates beyond ${formatNumber(edge)}.`,
    x: { label: 'length of the step, as a learning rate', unit: '', scale: 'linear' },
    y: { ...nats, scale: scaleOf(ray.map(({ loss }) => loss)) },
    marks: [
      ...ruleAt('x', edge, '2 ÷ curvature'),
      { mark: 'line', arm: 'loss', x: ray.map(({ s }) => s), y: ray.map(({ loss }) => loss) },
    ],
  };
}

/** The points of an arm, where it has any. */
function dots(arm: string, points: readonly { readonly x: number; readonly y: number }[]): readonly DotMark[] {
  return points.length === 0 ? [] : [{ mark: 'dot', arm, x: points.map(({ x }) => x), y: points.map(({ y }) => y) }];
}

function ruleAt(axis: 'x' | 'y', value: number, label: string): readonly RuleMark[] {
  return Number.isFinite(value) && value > 0 ? [{ mark: 'rule', kind: 'published', axis, value, label }] : [];
}
