/** @file The figures of the lab's instruments, as data: the marks of reports, of arms that are still running. */

import { type Histogram, histogramsOf } from '../records/histogram.ts';
import type { StepRecord } from '../records/record.ts';
import { percentileMarks, ridgeMarks } from '../studies/distribution-figures.ts';
import type { Axis, LineMark, Mark, PlotFigure } from '../studies/figure.ts';
import type { History, Line, Place } from './history.ts';
import type { InstrumentName } from './instrument-names.ts';

/** An arm as figures see it. */
export interface Shown {
  readonly arm: string;
  readonly history: History;
  /** Of its steps. */
  readonly momentum: number;
}

/** What is drawn, and in which words and scales; the marks are made of what has been measured. */
interface FigureForm extends Pick<PlotFigure, 'id' | 'title' | 'caption'> {
  readonly x: Axis;
  readonly y: Axis;
  /** @param until - the step up to which things are shown */
  readonly marks: (shown: Shown, until: number) => readonly Mark[];
}

/** An arm that blows up would decide the scale of all others: beyond these, lines run along the edge. */
const MOST_LOSS = 100;
const MOST_VALUE = 4;
const MOST_SPREAD = 100;

const steps: Axis = { label: 'step', unit: '', scale: 'linear' };
const pure = (label: string, scale: Axis['scale']): Axis => ({ label, unit: '', scale });

const forms: Readonly<Record<Exclude<InstrumentName, 'predictions'>, readonly FigureForm[]>> = {
  loss: [
    {
      id: 'loss',
      title: 'Loss',
      caption: `Mean cross-entropy of the mini-batch before the update; above ${MOST_LOSS} drawn at ${MOST_LOSS}.`,
      x: steps,
      y: { label: 'loss', unit: 'nats', scale: 'log' },
      marks: ({ arm, history }, until) => [line(arm, cut(thinned(history.line('loss', {}, until)), MOST_LOSS))],
    },
  ],
  accuracy: [
    {
      id: 'accuracy',
      title: 'Accuracy',
      caption: 'Of the mini-batch before the update; and of the test images, with running statistics.',
      x: steps,
      y: pure('fraction right', 'linear'),
      marks: ({ arm, history }, until) => [
        line(arm, thinned(history.line('accuracy', {}, until)), 'mini-batch'),
        line(arm, thinned(history.line('test-accuracy', {}, until)), 'test'),
      ],
    },
  ],
  activations: [
    {
      id: 'activations',
      title: 'What activations are given',
      caption: `Median, and from the 15th to the 85th percentile, over the mini-batch; first, middle and last hidden layer. Beyond ±${MOST_VALUE} drawn at ±${MOST_VALUE}.`,
      x: steps,
      y: pure('value', 'linear'),
      marks: ({ arm, history }, until) =>
        layersOf(history, 'activation-percentile').flatMap((layer) => {
          const places = history.places('activation-percentile').filter((place) => place.layer === layer);
          const lines = places.map((place) => ({
            place,
            own: cut(thinned(history.line('activation-percentile', place, until), MOST_PANEL_POINTS), MOST_VALUE),
          }));
          return percentileMarks(
            { steps: lines[0]?.own.x ?? [], values: new Map(lines.map(({ place, own }) => [place.at ?? 0, own.y])) },
            { arm, panel: layer },
          );
        }),
    },
  ],
  ridgelines: [
    {
      id: 'ridgelines',
      title: 'How activations spread',
      caption: `Histograms of what activations are given, every tenth step from below, each as high as the others; first and last hidden layer. One that reaches beyond ±${MOST_SPREAD} is left out.`,
      x: pure('value', 'linear'),
      y: steps,
      marks: ({ arm, history }, until) => {
        const layers = layersOf(history, 'activation-largest');
        return [...new Set([layers[0], layers.at(-1)])].flatMap((layer) =>
          layer === undefined ? [] : ridgeMarks(histogramsIn(history, layer, until), { arm, panel: layer }),
        );
      },
    },
  ],
  gradients: [
    {
      id: 'gradients',
      title: 'Lengths, layer by layer',
      caption: 'Of the gradient of each weight, and of the weight, at the latest step at which they were measured.',
      x: pure('weight, from the input', 'linear'),
      y: pure('length ‖·‖₂', 'log'),
      marks: ({ arm, history }, until) => [
        depthLine(arm, history, 'parameter-gradient-norm', until, 'gradient'),
        depthLine(arm, history, 'parameter-norm', until, 'weight'),
      ],
    },
  ],
  landscape: [
    {
      id: 'landscape',
      title: 'Loss along the step',
      caption:
        'Smallest to largest loss at x − s·g, s from half to four times the learning rate, on the step’s own mini-batch.',
      x: steps,
      y: { label: 'loss', unit: 'nats', scale: 'log' },
      marks: ({ arm, history }, until) => {
        const along = history.places('ray-loss').filter(({ at = 0 }) => at > 0);
        const lines = along.map((place) => thinned(history.line('ray-loss', place, until)));
        const x = lines[0]?.x ?? [];
        const at = (i: number): number[] => lines.map(({ y }) => y[i] ?? Number.NaN);
        return [
          {
            mark: 'band',
            arm,
            x,
            low: x.map((_, i) => Math.min(MOST_LOSS, ...at(i))),
            high: x.map((_, i) => Math.min(MOST_LOSS, Math.max(...at(i)))),
          },
        ];
      },
    },
  ],
  smoothness: [
    {
      id: 'smoothness',
      title: 'Effective smoothness',
      caption:
        '‖Δg‖ / (s‖g‖) at one step of the learning rate, beside 2/η, or 2(1 + m)/η with momentum m: above it, gradient descent on a parabola diverges.',
      x: steps,
      y: pure('effective smoothness β', 'log'),
      marks: ({ arm, history, momentum }, until) => {
        const own = history.line('ray-beta', { at: 1 }, until);
        const rates = history.line('learning-rate', {}, until);
        // Known of every step since the first.
        const rateAt = (step: number): number => rates.y[step - (rates.x[0] ?? 0)] ?? Number.NaN;
        const limit = { x: own.x, y: own.x.map((step) => (2 * (1 + momentum)) / rateAt(step)) };
        return [line(arm, thinned(own), 'β'), line(arm, thinned(limit), momentum === 0 ? '2/η' : '2(1 + m)/η')];
      },
    },
  ],
  shift: [
    {
      id: 'shift',
      title: 'Internal covariate shift',
      caption:
        '‖G − G′‖₂: how far a layer’s gradient moves when the layers before it take their step (Definition 2.1).',
      x: steps,
      y: pure('‖G − G′‖₂', 'log'),
      marks: ({ arm, history }, until) =>
        layersOf(history, 'covariate-shift').map((layer) => ({
          ...line(arm, thinned(history.line('covariate-shift', { layer }, until), MOST_PANEL_POINTS)),
          panel: layer,
        })),
    },
  ],
  statistics: [
    {
      id: 'statistics',
      title: 'Running against batch statistics',
      caption:
        'Distance of the running means from those of a mini-batch, in its standard deviations; lowest and highest layer.',
      x: steps,
      y: pure('distance', 'log'),
      marks: ({ arm, history }, until) => {
        const layers = layersOf(history, 'running-mean-distance');
        return [...new Set([layers[0], layers.at(-1)])].flatMap((layer) =>
          layer === undefined
            ? []
            : [line(arm, thinned(history.line('running-mean-distance', { layer }, until)), layer)],
        );
      },
    },
    {
      id: 'statistics-accuracy',
      title: 'Test accuracy by either',
      caption:
        'The same network on the test images: normalised by its running statistics, and by those of each batch of them.',
      x: steps,
      y: pure('fraction right', 'linear'),
      marks: ({ arm, history }, until) => [
        line(arm, thinned(history.line('test-accuracy', {}, until)), 'running'),
        line(arm, thinned(history.line('test-accuracy-batch', {}, until)), 'batch'),
      ],
    },
  ],
  'singular-values': [
    {
      id: 'singular-values',
      title: 'Singular values of the first layer',
      caption:
        'Of the weight as a matrix of inputs and units, in order of size, at the latest step at which they were measured.',
      x: pure('rank', 'linear'),
      y: pure('singular value', 'log'),
      marks: ({ arm, history }, until) => {
        const values = history.places('singular-value').flatMap((place) => {
          const value = history.latest('singular-value', place, until);
          return value === undefined ? [] : [{ x: place.at ?? 0, y: value }];
        });
        return [line(arm, { x: values.map(({ x }) => x), y: values.map(({ y }) => y) })];
      },
    },
  ],
};

/** The figures of an instrument, as far as something of them has been measured. */
export function figuresOf(instrument: InstrumentName, shown: readonly Shown[], until: number): readonly PlotFigure[] {
  if (instrument === 'predictions') return [];
  return forms[instrument].map(({ marks, ...form }) => ({
    ...form,
    arms: shown.map(({ arm }) => arm),
    marks: shown.flatMap((one) => marks(one, until)).filter(isDrawn),
  }));
}

/** The quantities of records that an instrument shows, by which their definitions are found. */
export function quantitiesOf(instrument: InstrumentName): readonly string[] {
  return quantities[instrument];
}

const quantities: Readonly<Record<InstrumentName, readonly string[]>> = {
  loss: [],
  accuracy: ['test-accuracy'],
  activations: ['activation-percentile'],
  ridgelines: ['activation-count', 'activation-largest'],
  gradients: ['parameter-gradient-norm', 'parameter-norm'],
  landscape: ['ray-loss'],
  smoothness: ['ray-beta'],
  shift: ['covariate-shift'],
  statistics: ['running-mean-distance', 'test-accuracy', 'test-accuracy-batch'],
  'singular-values': ['singular-value'],
  predictions: ['probability'],
};

/** Titles and captions of an instrument's figures, whatever has been measured. */
export function captionsOf(instrument: InstrumentName): readonly Pick<PlotFigure, 'id' | 'title' | 'caption'>[] {
  if (instrument !== 'predictions') return forms[instrument].map(({ id, title, caption }) => ({ id, title, caption }));
  const caption = 'Eight test images, and how probable each arm holds the right class to be, with running statistics.';
  return [{ id: 'predictions', title: 'What the network says', caption }];
}

function isDrawn(mark: Mark): boolean {
  return !('x' in mark) || mark.x.length > 0;
}

function line(arm: string, { x, y }: Line, label?: string): LineMark {
  return { mark: 'line', arm, ...(label !== undefined && { label }), x, y };
}

/** Rows that ridgelines are drawn of: the first step, and from there every second, third, …; others would be gathered in vain. */
const MOST_ROWS = 12;

/** What a layer's activation was given, step by step. */
function histogramsIn(history: History, layer: string, until: number): readonly Histogram[] {
  const largest = history.line('activation-largest', { layer }, until);
  const seen = largest.x.filter((_, i) => (largest.y[i] ?? Infinity) <= MOST_SPREAD);
  const every = Math.ceil(seen.length / MOST_ROWS);
  const rows = seen.filter((_, i) => i % every === 0);
  const bins = history.places('activation-count').filter((place) => place.layer === layer);
  const records = [
    ...rows.flatMap((step) => recordAt(largest, step, 'activation-largest', { layer })),
    ...bins.flatMap(({ at = 0 }) => {
      const line = history.line('activation-count', { layer, at });
      return rows.flatMap((step) => recordAt(line, step, 'activation-count', { layer, at }));
    }),
  ];
  return histogramsOf(records).toSorted((a, b) => a.about.step - b.about.step);
}

/** The record of a step, or none. */
function recordAt({ x, y }: Line, step: number, quantity: string, place: Place): readonly StepRecord[] {
  // Steps ascend: halved until it is found.
  let [from, to] = [0, x.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((x[middle] ?? Infinity) < step) from = middle + 1;
    else to = middle;
  }
  return x[from] === step ? [{ step, quantity, value: y[from] ?? 0, ...place, definition: '', mode: 'train' }] : [];
}

/** Values no further from 0 than this. */
function cut({ x, y }: Line, most: number): Line {
  return { x, y: y.map((value) => Math.min(most, Math.max(-most, value))) };
}

/** Points that a line has at most: more are not seen, and take time to draw. */
const MOST_POINTS = 240;
/** Of figures with panels beside each other. */
const MOST_PANEL_POINTS = 120;

/** Means of neighbours where there are more points than can be told apart. */
function thinned({ x, y }: Line, most: number = MOST_POINTS): Line {
  const every = Math.ceil(x.length / most);
  if (every <= 1) return { x, y };
  const starts = Array.from({ length: Math.floor(x.length / every) }, (_, i) => i * every);
  const mean = (from: number): number =>
    y.slice(from, from + every).reduce((sum, one) => sum + one, 0) / Math.min(every, y.length - from);
  return { x: starts.map((from) => x[from] ?? 0), y: starts.map(mean) };
}

function layersOf(history: History, quantity: string): readonly string[] {
  return [...new Set(history.places(quantity).flatMap(({ layer }) => layer ?? []))];
}

/** A quantity of every weight, from the input on. */
function depthLine(arm: string, history: History, quantity: string, until: number, panel: string): LineMark {
  const weights = history.places(quantity).filter(({ layer = '' }: Place) => layer.endsWith('weight'));
  const values = weights.map((place) => history.latest(quantity, place, until) ?? Number.NaN);
  return { ...line(arm, { x: weights.map((_, i) => i + 1), y: values }), panel };
}
