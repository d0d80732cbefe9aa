/** @file Bjorck et al. 2018, Figure 2: are gradients larger and heavier-tailed without norms, before any training? */

import { need } from '../../errors.ts';
import { median } from '../../math/statistics.ts';
import { heldProbe } from '../../probes/index.ts';
import type { Records } from '../../records/records.ts';
import type { LineMark, PlotFigure } from '../figure.ts';
import type { Grid } from '../grid.ts';
import { formatInterval3 } from '../number-text.ts';
import { intervalPart, resultOf } from '../parts.ts';
import {
  armsText,
  besideText,
  initialiserText,
  judgedOf,
  STAGE_LAYERS,
  type StartArm,
  type StartProtocol,
  startProtocols,
  startStudy,
  startTraining,
  type StartVary,
} from '../resnet-start.ts';
import type { Study } from '../study.ts';
import { effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';

interface Protocol extends StartProtocol {
  /** Whose activations are compared. */
  readonly layers: readonly number[];
}

const rule = {
  /** Half an order of magnitude; the figure reads two. */
  scaleMargin: 0.5,
  tailMargin: 0,
} as const;

/** Quantiles of |g|: the scale, and what the tail is measured by. */
const [MIDDLE, SCALE, TAIL] = [50, 99, 99.9] as const;
const [LOW, HIGH] = [1, 99] as const;

/** Whose gradients the figure of the paper shows. */
const DRAWN_LAYER = 55;

const WEIGHT = /\/weight$/;

export const bjorck2018GradientTails: Study = trainedStudy({
  ...startStudy,
  name: 'bjorck2018/gradient-tails',
  title: 'Size and tails of gradients at the start',
  where: 'Figure 2',
  claim:
    'Before training, gradients and activations of a deep residual network are larger by orders of magnitude without norms than with batch normalisation, and the gradients have heavier tails.',
  tags: ['explosion', 'initialisation', 'cifar10', 'resnet'],
  rule,
  protocol: (budget): Protocol => ({ ...startProtocols[budget], layers: STAGE_LAYERS }),
  train: (protocol, point) => ({
    ...startTraining(protocol, point),
    probes: [
      heldProbe('gradient-quantiles', { percentiles: [MIDDLE, SCALE, TAIL] }),
      heldProbe('activation-percentiles', {
        every: 100,
        layers: protocol.layers,
        units: 0,
        percentiles: [LOW, 50, HIGH],
      }),
    ],
  }),
  decide: (grid, protocol) => {
    const judged = judgedOf(grid, protocol);
    const parts = [
      intervalPart(
        {
          name: 'a',
          claim: 'Gradients of weights are larger without norms.',
          effect:
            'log10 of the ratio (standard / batch norm) of the 99th percentile of |g|, g the gradient of a layer’s weight: difference of medians over layers',
          margin: rule.scaleMargin,
          rule: 'above',
          remarks: [
            `log10 of that percentile per seed: ${armsText(judged, gradientScale)}. Paper: about 100 times as large (read off Fig. 2).`,
            `The 99th percentile of |g| of layer ${DRAWN_LAYER}, per seed: ${armsText(judged, drawnScale)}. Paper: nearly all entries of that layer ` +
              'within ±0.04 with batch norm, of a standard deviation of about 0.011, and tails beyond ±4 without (read off Fig. 2).',
            ...besideText(grid, protocol, gradientScale),
          ],
        },
        judged.differences('standard', 'batch', gradientScale),
      ),
      intervalPart(
        {
          name: 'b',
          claim: 'So are activations.',
          effect: `log10 of the ratio (standard / batch norm) of the width between the 1st and 99th percentile of what a layer hands to its activation: difference of medians over layers ${protocol.layers.join(', ')}`,
          margin: rule.scaleMargin,
          rule: 'above',
          remarks: [
            `log10 of that width per seed: ${armsText(judged, activationScale)}.`,
            ...besideText(grid, protocol, activationScale),
          ],
        },
        judged.differences('standard', 'batch', activationScale),
      ),
      intervalPart(
        {
          name: 'c',
          claim: 'Gradients have heavier tails without norms.',
          effect:
            'log10 of the ratio (standard / batch norm) of how many times the 99.9th percentile of |g| is its median: difference of medians over layers',
          margin: rule.tailMargin,
          rule: 'above',
          remarks: [
            `log10 of that multiple per seed: ${armsText(judged, tail)}. A normal distribution has ${Math.log10(3.290527 / 0.67449).toFixed(3)}.`,
            ...besideText(grid, protocol, tail),
          ],
        },
        judged.differences('standard', 'batch', tail),
      ),
    ];
    const interval = parts[0]?.pairings[0]?.interval;
    return resultOf(parts, {
      outcome:
        interval === undefined
          ? 'gradients could not be measured in every seed'
          : `gradients are 10^${formatInterval3(interval)} times as large without norms (${initialiserText(protocol)}; margin ${rule.scaleMargin})`,
      figures: [
        scaleFigure(judged),
        ...effectsFigure(parts, { id: 'gradient-tails-effects', title: 'Effects per seed' }),
      ],
    });
  },
});

/** By layer, in their order: a percentile of |g|. */
function percentiles(records: Records, at: number): readonly number[] {
  return records
    .of('gradient-quantile', { at, step: 0 })
    .filter(({ layer }) => WEIGHT.test(need(layer, 'a parameter')))
    .map(({ value }) => value);
}

const gradientScale = (records: Records): number => median(percentiles(records, SCALE).map(Math.log10));

const drawnScale = (records: Records): number => percentiles(records, SCALE)[DRAWN_LAYER - 1] ?? Number.NaN;

const tail = (records: Records): number => {
  const middle = percentiles(records, MIDDLE);
  return median(percentiles(records, TAIL).map((value, layer) => Math.log10(value / (middle[layer] ?? Number.NaN))));
};

const activationScale = (records: Records): number => {
  const [low, high] = [LOW, HIGH].map((at) => records.values('activation-percentile', { at, step: 0 }));
  return median((high ?? []).map((value, layer) => Math.log10(value - (low?.[layer] ?? Number.NaN))));
};

function scaleFigure(grid: Grid<StartArm, StartVary>): PlotFigure {
  return {
    id: 'gradient-tails',
    title: 'Gradients of weights, before training',
    caption:
      'Percentiles of |g| over the entries of each layer’s weight, from the input to the output; a line per seed.',
    x: { label: 'layer', unit: '', scale: 'linear' },
    y: { label: '|g|', unit: '', scale: 'log' },
    marks: grid.cells.flatMap(({ point: { arm, seed }, records }) =>
      [MIDDLE, TAIL].map((at): LineMark => {
        const y = percentiles(records, at);
        return { mark: 'line', arm, seed, panel: `${at}th percentile`, x: y.map((_, layer) => layer + 1), y };
      }),
    ),
  };
}
