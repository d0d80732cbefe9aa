/** @file Bjorck et al. 2018, Figure 4: what happens to the channels of each layer along a step that makes the loss explode? */

import type { Records } from '../../records/records.ts';
import type { LineMark, PlotFigure } from '../figure.ts';
import { format3, formatInterval3, valuesText } from '../number-text.ts';
import { intervalPart, resultOf } from '../parts.ts';
import {
  alongStep,
  besideSizes,
  besideText,
  initialiserText,
  judgedOf,
  ofArm,
  slopeOver,
  type StartArm,
  type SteppedProtocol,
  startProtocols,
  startStudy,
  startTraining,
  type StartVary,
} from '../resnet-start.ts';
import type { Grid } from '../grid.ts';
import type { Study } from '../study.ts';
import { effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';

interface Protocol extends SteppedProtocol {
  /** Whose channels are drawn. */
  readonly drawnLayers: readonly number[];
}

const rule = {
  /** The loss at the end of the step, as a multiple of that before it. */
  explosion: 1e3,
  growthMargin: 0,
} as const;

const [MEAN, VARIANCE] = ['largest-channel-mean', 'largest-channel-variance'] as const;

export const bjorck2018DivergingUpdate: Study = trainedStudy({
  ...startStudy,
  name: 'bjorck2018/diverging-update',
  title: 'Channels along a step that diverges',
  where: 'Figure 4',
  claim:
    'Along a step that makes the loss of a deep residual network without norms explode, means and variances of channels grow, exponentially with depth.',
  tags: ['explosion', 'learning-rate', 'cifar10', 'resnet'],
  rule,
  protocol: (budget): Protocol => ({
    ...startProtocols[budget],
    ...besideSizes,
    drawnLayers: [8, 44, 80],
  }),
  train: (protocol, point) => ({
    ...startTraining(protocol, point),
    probes: [alongStep(protocol, point, protocol.steps)],
  }),
  decide: (grid, protocol) => {
    const judged = judgedOf(grid, protocol);
    const steps = ofArm(judged, 'standard', explodesAt).map(
      ({ seed, value }) => `${format3(value * protocol.learningRate)} (seed ${seed})`,
    );
    const growth = (records: Records): number =>
      slope(records, VARIANCE, explodesAt(records)) - slope(records, VARIANCE, 0);
    const meanGrowth = (records: Records): number => slope(records, MEAN, explodesAt(records));
    const explosion =
      'the step along the gradient is the smallest of the grid at which the loss is finite and 1,000 times that before it';
    const parts = [
      intervalPart(
        {
          name: 'a',
          claim: 'The step makes variances grow faster with depth than they did before it.',
          effect: `slope per layer of log10 of the largest variance of a channel, at the whole step less that at its beginning; ${explosion}`,
          margin: rule.growthMargin,
          rule: 'above',
          remarks: [
            `Step sizes: ${steps.join(', ')}; not a number where none makes the loss explode. Paper: slopes of 0.23 against 0.076 (read off Fig. 4).`,
            ...besideText(grid, protocol, growth, ['standard']),
          ],
        },
        ofArm(judged, 'standard', growth),
      ),
      intervalPart(
        {
          name: 'b',
          claim: 'At its end the means of channels grow with depth.',
          effect: 'slope per layer of log10 of the largest |mean| of a channel, at the whole step',
          margin: rule.growthMargin,
          rule: 'above',
          remarks: [endText(judged, protocol), ...besideText(grid, protocol, meanGrowth, ['standard'])],
        },
        ofArm(judged, 'standard', meanGrowth),
      ),
    ];
    const interval = parts[0]?.pairings[0]?.interval;
    const withNorm = judged.where({ arm: 'batch' }).records;
    return resultOf(parts, {
      outcome:
        interval === undefined
          ? 'no step of the grid makes the loss explode in every seed'
          : `along the step the variance of channels comes to grow by a further factor of 10^${formatInterval3(interval)} per layer (${initialiserText(protocol)})`,
      notes: [
        `With batch norm the largest loss at any step size up to ${format3(protocol.largest)} is ${format3(Math.max(...withNorm.values('loss-along-step')))} nats, ` +
          `and the largest variance of a channel behind norm and residual ${format3(Math.max(...withNorm.values(VARIANCE)))}.`,
      ],
      figures: [
        alongFigure(judged, protocol),
        ...effectsFigure(parts, { id: 'diverging-update-effects', title: 'Effects per seed' }),
      ],
    });
  },
});

/** As a multiple of the learning rate; not a number where no step makes it explode. */
function explodesAt(records: Records): number {
  const losses = records.of('loss-along-step', { step: 0 });
  const before = losses.find(({ at }) => at === 0)?.value ?? Number.NaN;
  const found = losses.find(({ value }) => Number.isFinite(value) && value > rule.explosion * before);
  return found?.at ?? Number.NaN;
}

/** Of one hidden layer, counted from 1, at one step size. */
function ofLayer(records: Records, quantity: string, at: number, layer: number): number {
  return records.values(quantity, { at, step: 0 })[layer - 1] ?? Number.NaN;
}

/** What the figure of the paper can be compared with: how far channels go in the layers that it shows. */
function endText(grid: Grid<StartArm, StartVary>, { drawnLayers }: Protocol): string {
  const reached = (quantity: string, layer: number): string =>
    valuesText(ofArm(grid, 'standard', (records) => ofLayer(records, quantity, explodesAt(records), layer)));
  const texts = drawnLayers.map(
    (layer) => `hidden layer ${layer} |mean| ${reached(MEAN, layer)} and variance ${reached(VARIANCE, layer)}`,
  );
  return (
    `The largest of a channel at the end of the step, per seed: ${texts.join('; ')}. Paper: 1.5 and 1 in layer 8, 3,800 and 5.3e6 in ` +
    'layer 44, 3e8 and 5.6e16 in layer 80 (read off Fig. 4).'
  );
}

/** log10 per hidden layer at one step size; not a number where that is none. */
function slope(records: Records, quantity: string, at: number): number {
  if (Number.isNaN(at)) return Number.NaN;
  const values = records.values(quantity, { at, step: 0 });
  return slopeOver(
    values.map((_, layer) => layer + 1),
    values.map(Math.log10),
  );
}

/** Of the first seed, against the share of the step that its network without norms does not survive. */
function alongFigure(grid: Grid<StartArm, StartVary>, { drawnLayers }: Protocol): PlotFigure {
  const [seed] = grid.seeds;
  const cells = grid.cells.filter(({ point }) => point.seed === seed);
  const whole = explodesAt(grid.where({ arm: 'standard', seed: seed ?? 0 }).records);
  return {
    id: 'diverging-update',
    title: 'The largest mean and variance of a channel along the step',
    caption: `Of seed ${seed}, |mean| and variance over the mini-batch, against the share of the step at whose end the loss without norms is more than 1,000 times what it was; the same step sizes with batch norm.`,
    x: { label: 'share of the step', unit: '', scale: 'log' },
    y: { label: 'largest of a channel', unit: '', scale: 'log' },
    marks: cells.flatMap(({ point: { arm }, records }) => {
      const sizes = [...new Set(records.of(VARIANCE).map(({ at }) => at ?? 0))].filter((at) => at > 0 && !(at > whole));
      return Object.entries({ '|mean|': MEAN, variance: VARIANCE }).flatMap(([title, quantity]) =>
        drawnLayers.map(
          (number): LineMark => ({
            mark: 'line',
            arm,
            panel: `${title}, hidden layer ${number}`,
            x: sizes.map((at) => (Number.isNaN(whole) ? at : at / whole)),
            y: sizes.map((at) => ofLayer(records, quantity, at, number)),
          }),
        ),
      );
    }),
  };
}
