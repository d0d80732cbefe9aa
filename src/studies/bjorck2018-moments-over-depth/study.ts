/** @file Bjorck et al. 2018, Figure 5: do the channels of a residual network without norms grow with depth, before any training? */

import type { Records } from '../../records/records.ts';
import type { LineMark, PlotFigure } from '../figure.ts';
import type { Grid } from '../grid.ts';
import { formatInterval3 } from '../number-text.ts';
import { intervalPart, resultOf } from '../parts.ts';
import {
  alongStep,
  armsText,
  besideSizes,
  besideText,
  initialiserText,
  judgedOf,
  ofArm,
  slopeOver,
  type StartArm,
  startProtocols,
  startStudy,
  startTraining,
  type StartVary,
} from '../resnet-start.ts';
import type { Study } from '../study.ts';
import { effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';

const quantities = {
  mean: { quantity: 'channel-mean-magnitude', text: 'mean over channels of |channel mean|' },
  deviation: { quantity: 'channel-deviation', text: 'mean over channels of the channel’s standard deviation' },
} as const;
type Moment = keyof typeof quantities;

const rule = {
  /** log10 per layer; the figure reads about 0.045. */
  growthMargin: 0.01,
  /** Batch norm's slope must be less than this share of the other. */
  batchShare: 1 / 3,
} as const;

export const bjorck2018MomentsOverDepth: Study = trainedStudy({
  ...startStudy,
  name: 'bjorck2018/moments-over-depth',
  title: 'Moments of channels over depth',
  where: 'Figure 5',
  claim:
    'Before training, means and deviations of channels grow exponentially with depth in a residual network without norms, and hardly at all with batch normalisation.',
  tags: ['explosion', 'initialisation', 'cifar10', 'resnet'],
  rule,
  protocol: (budget) => ({ ...startProtocols[budget], ...besideSizes }),
  train: (protocol, point) => ({
    ...startTraining(protocol, point),
    probes: [alongStep(protocol, point, protocol.steps)],
  }),
  decide: (grid, protocol) => {
    const judged = judgedOf(grid, protocol);
    const slopes = (of: Moment) => {
      const value = slopeOf(of);
      return {
        value,
        standard: ofArm(judged, 'standard', value),
        batch: new Map(ofArm(judged, 'batch', value).map((one) => [one.seed, one.value])),
      };
    };
    const parts = (['mean', 'deviation'] as const).flatMap((of, i) => {
      const { value, standard, batch } = slopes(of);
      const what = `log10 of the ${quantities[of].text}`;
      return [
        intervalPart(
          {
            name: 'ac'.charAt(i),
            claim: `Without norms the ${of}s of channels grow with depth.`,
            effect: `least-squares slope of ${what}, over the hidden layers, of what channels hand to their activation`,
            margin: rule.growthMargin,
            rule: 'above',
            remarks: [
              `Slopes per seed: ${armsText(judged, value)}. Paper: ${of === 'mean' ? '−1.5 to 3.5' : '−1.2 to 3'} over 104 layers, its logarithm of unstated base (Fig. 5).`,
              ...besideText(grid, protocol, value),
            ],
          },
          standard,
        ),
        intervalPart(
          {
            name: 'bd'.charAt(i),
            claim: `With batch normalisation they grow less than a third as fast.`,
            effect: 'a third of the slope without norms, less the magnitude of that with batch norm',
            margin: 0,
            rule: 'above',
          },
          standard.map(({ seed, value: slope }) => ({
            seed,
            value: rule.batchShare * slope - Math.abs(batch.get(seed) ?? Number.NaN),
          })),
        ),
      ];
    });
    const growth = parts[0]?.pairings[0]?.interval;
    return resultOf(parts, {
      outcome:
        growth === undefined
          ? 'a slope could not be measured in every seed'
          : `without norms the means of channels grow by a factor of 10^${formatInterval3(growth)} per layer (${initialiserText(protocol)}; margin ${rule.growthMargin})`,
      figures: [
        depthFigure(judged, initialiserText(protocol)),
        ...effectsFigure(parts, { id: 'moments-over-depth-effects', title: 'Effects per seed' }),
      ],
    });
  },
});

/** log10 per layer at the weights to begin with. */
function slopeOf(moment: Moment): (records: Records) => number {
  return (records) => {
    const values = records.values(quantities[moment].quantity, { at: 0 });
    return slopeOver(
      values.map((_, layer) => layer + 1),
      values.map(Math.log10),
    );
  };
}

function depthFigure(grid: Grid<StartArm, StartVary>, initialiser: string): PlotFigure {
  return {
    id: 'moments-over-depth',
    title: 'Channels over depth, before training',
    caption: `What channels hand to their activation, mean over the channels of a layer; ${initialiser}, a line per seed.`,
    x: { label: 'hidden layer', unit: '', scale: 'linear' },
    y: { label: 'size', unit: '', scale: 'log' },
    marks: grid.cells.flatMap(({ point: { arm, seed }, records }) =>
      Object.entries(quantities).map(([panel, { quantity }]): LineMark => {
        const y = records.values(quantity, { at: 0 });
        return { mark: 'line', arm, seed, panel: `${panel} of a channel`, x: y.map((_, layer) => layer + 1), y };
      }),
    ),
  };
}
