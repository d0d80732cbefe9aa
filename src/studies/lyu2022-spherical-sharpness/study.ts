/** @file Lyu, Li, Arora 2022: does normalisation with weight decay lower the scale-free sharpness once gradient descent is at the edge? */

import type { Records } from '../../records/records.ts';
import { sgd } from '../../train/optimisers/sgd.ts';
import { cameApart, edgeRule, scaledBy } from '../edge.ts';
import { residualNote, sharpnessFigure } from '../edge-figures.ts';
import { checkEdge, type EdgeProtocol, edgeProbe, edgeProblem, edgeProtocol, edgeTraining } from '../edge-training.ts';
import type { LineMark, PlotFigure } from '../figure.ts';
import type { Grid } from '../grid.ts';
import { format3, formatInterval3 } from '../number-text.ts';
import { intervalPart, resultOf } from '../parts.ts';
import type { Budget, Study } from '../study.ts';
import { effectsFigure, stepsAxis } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';
import { arrivalStep, logSlope } from './slope.ts';

interface Protocol extends EdgeProtocol {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly steps: number;
}

/** Of two hidden layers, whose weights alone are trained. */
const LAYERS: readonly number[] = [1, 2];

const rule = {
  arrival: edgeRule.arrival,
  /** A training that starts above this is first thrown off the edge. */
  high: edgeRule.high,
  /** Of ln(λ‖w‖²) per 1000 steps. */
  margin: 0,
  /** Values of λ after arrival, that a slope is laid through. */
  leastPoints: 5,
} as const;

const quick: Protocol = {
  ...edgeProtocol,
  initialScale: 1,
  learningRate: 0.1,
  weightDecay: 0.01,
  steps: 1000,
};

const protocols: Readonly<Record<Budget, Protocol>> = {
  quick,
  standard: { ...quick, steps: 2000, seeds: 10 },
  paper: { ...quick, units: 200, examples: 5000, weightDecay: 0.001, steps: 20_000, seeds: 10 },
};

/** The step of arrival at the edge; NaN where a training never comes there, or comes apart. */
const edgeOf = (records: Records, rate: number): number =>
  cameApart(records) ? Number.NaN : arrivalStep(scaledBy(records.series('data-sharpness', 'step'), rate / 2), rule);

export const lyu2022SphericalSharpness: Study = trainedStudy({
  name: 'lyu2022/spherical-sharpness',
  title: 'Sharpness of scale-invariant weights under weight decay',
  paper: 'lyu2022',
  where: 'section 3',
  claim:
    'With normalisation and weight decay, full-batch gradient descent comes to the edge of stability and from then on lowers the scale-free sharpness.',
  tags: ['curvature', 'edge', 'weight-decay', 'cifar10'],
  dataset: 'cifar10-16',
  rule,
  arms: ['batch'],
  protocol: (budget) => protocols[budget],
  check: checkEdge,
  train: (protocol, { seed }) => {
    const { steps, learningRate, weightDecay } = protocol;
    // The last layer is no scale-invariant weight: it stays as it was drawn, and what is trained is scale-invariant throughout.
    const optimiser = { ...sgd({ weightDecay }), multiples: { 'head/weight': 0, 'head/bias': 0 } };
    return {
      problem: edgeProblem(protocol, { norm: 'batch', placement: 'before', weightsAlone: true }),
      training: edgeTraining(protocol, { steps, seed, learningRate, optimiser }),
      probes: [edgeProbe(protocol, LAYERS)],
    };
  },
  decide: (grid, { learningRate }) => {
    const arrivals = grid.bySeed((records) => edgeOf(records, learningRate));
    const ends = (quantity: string, place: 'first' | 'last'): string =>
      grid.cells
        .map(({ records }) => {
          const from = edgeOf(records, learningRate);
          const late = records.of(quantity).filter(({ step }) => step >= from);
          return format3((place === 'first' ? late[0] : late.at(-1))?.value ?? Number.NaN);
        })
        .join(', ');
    const part = intervalPart(
      {
        name: 'a',
        claim: 'Once at the edge, the scale-free sharpness falls.',
        effect:
          'minus the least-squares slope of ln(λ‖w‖²) over steps, per 1000 steps, from arrival at the edge to the end; λ the largest eigenvalue of ' +
          `the Hessian with respect to the scale-invariant weights w; arrival: the first λ·rate/2 of ${rule.arrival} or more once it is no longer above ${rule.high}`,
        margin: rule.margin,
        rule: 'above',
        remarks: [
          `Steps of arrival, per seed: ${arrivals.map(({ value }) => value).join(', ')}.`,
          `λ‖w‖² there: ${ends('data-scale-free-sharpness', 'first')}; at the end: ${ends('data-scale-free-sharpness', 'last')}.`,
        ],
      },
      grid.bySeed(
        (records) =>
          -logSlope(
            records.series('data-scale-free-sharpness', 'step'),
            edgeOf(records, learningRate),
            rule.leastPoints,
          ),
      ),
    );
    const interval = part.pairings[0]?.interval;
    return resultOf([part], {
      outcome:
        interval === undefined
          ? 'a training did not come to the edge, or too late, or diverged'
          : `at the edge ln(λ‖w‖²) falls by ${formatInterval3(interval)} per 1000 steps`,
      notes: [
        'Scale-invariant are the weights of both hidden layers, each before a batch norm without gamma and beta; there are no biases, and the ' +
          'last layer stays as it was drawn. λ alone would fall as their length grows, and rise as weight decay shortens them.',
        'These trainings begin far beyond the edge and are thrown off it within their first steps; arrival is counted when they come back.',
        residualNote(grid.records),
      ],
      figures: [
        scaleFreeFigure(grid),
        sharpnessFigure(grid, {
          id: 'spherical-edge',
          rateOf: () => learningRate,
          panelOf: () => 'λ of the scale-invariant weights',
        }),
        ...effectsFigure([part], { id: 'spherical-effects', title: 'Effects per seed' }),
      ],
    });
  },
});

function scaleFreeFigure({ cells }: Grid<'batch'>): PlotFigure {
  return {
    id: 'spherical-sharpness',
    title: 'Scale-free sharpness over steps',
    caption:
      'λ‖w‖², λ the largest eigenvalue of the Hessian with respect to the scale-invariant weights w: the same for w and any multiple of it. ' +
      'Thin lines are seeds, the thick one their median.',
    x: stepsAxis,
    y: { label: 'λ ‖w‖²', unit: '', scale: 'log' },
    marks: cells.flatMap(({ point: { arm, seed }, records }): LineMark[] => {
      const shown = records.of('data-scale-free-sharpness').filter(({ value }) => value > 0 && Number.isFinite(value));
      if (shown.length === 0) return [];
      return [{ mark: 'line', arm, seed, x: shown.map(({ step }) => step), y: shown.map(({ value }) => value) }];
    }),
  };
}
