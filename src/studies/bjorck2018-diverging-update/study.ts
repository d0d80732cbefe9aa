/** @file Bjorck et al. 2018, Figure 4: what happens to the channels of each layer along a step that makes the loss explode? */

import type { Records } from '../../records/records.ts';
import type { LineMark, PlotFigure } from '../figure.ts';
import { format3, formatInterval3 } from '../number-text.ts';
import { intervalPart, resultOf } from '../parts.ts';
import {
  alongStep,
  besideText,
  judgedOf,
  ofArm,
  slopeOver,
  type StartArm,
  type StartProtocol,
  startProtocols,
  startStudy,
  startTraining,
  type StartVary,
} from '../resnet-start.ts';
import type { Grid } from '../grid.ts';
import type { Study } from '../study.ts';
import { effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';

interface Protocol extends StartProtocol {
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
    drawnLayers: [8, 44, 80],
  }),
  train: (protocol, point) => ({
    ...startTraining(protocol, point),
    probes: [alongStep(protocol, protocol.steps)],
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
            ...besideText(grid, protocol, growth),
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
          remarks: besideText(grid, protocol, meanGrowth),
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
          : `along the step the variance of channels comes to grow by a further factor of 10^${formatInterval3(interval)} per layer`,
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
    title: 'The largest variance of a channel along the step',
    caption: `Of seed ${seed}, against the share of the step at whose end the loss without norms is more than 1,000 times what it was; the same step sizes with batch norm.`,
    x: { label: 'share of the step', unit: '', scale: 'log' },
    y: { label: 'largest variance', unit: '', scale: 'log' },
    marks: cells.flatMap(({ point: { arm }, records }) =>
      drawnLayers.map((number): LineMark => {
        const sizes = [...new Set(records.of(VARIANCE).map(({ at }) => at ?? 0))].filter(
          (at) => at > 0 && !(at > whole),
        );
        return {
          mark: 'line',
          arm,
          panel: `hidden layer ${number}`,
          x: sizes.map((at) => (Number.isNaN(whole) ? at : at / whole)),
          y: sizes.map((at) => records.values(VARIANCE, { at, step: 0 })[number - 1] ?? Number.NaN),
        };
      }),
    ),
  };
}
