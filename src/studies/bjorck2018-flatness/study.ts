/** @file After Bjorck et al. 2018, section 4: do larger learning rates end in flatter minima, by the measure of Keskar et al. 2017? */

import { leastSquaresSlope } from '../../math/statistics.ts';
import { sgd } from '../../train/optimisers/sgd.ts';
import type { DotMark, PlotFigure } from '../figure.ts';
import type { Grid } from '../grid.ts';
import { keskarNote, type KeskarProtocol, keskarProtocols, keskarTraining, lastSharpness } from '../keskar-training.ts';
import { formatInterval3, valuesText } from '../number-text.ts';
import { judgedPart, resultOf } from '../parts.ts';
import { checkRates, checkTrained } from '../protocol-checks.ts';
import { FITTED_ACCURACY, isSettled } from '../settled.ts';
import type { Budget, Study } from '../study.ts';
import { accuracyFigure, effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';
import { curveOf } from '../training-curves.ts';

interface Protocol extends KeskarProtocol {
  readonly batchSize: number;
  readonly learningRates: readonly number[];
}

type Vary = { readonly rate: readonly number[] };

const rule = {
  slopeMargin: 0,
  /** Every training must end there, or at a loss that falls by less than the share below: φ is said of minima. */
  fittedAccuracy: FITTED_ACCURACY,
  improvement: 0.01,
} as const;

const protocolAt = (budget: Budget): Protocol => ({
  ...keskarProtocols[budget],
  batchSize: 64,
  learningRates: [0.01, 0.03, 0.1, 0.3],
});

export const bjorck2018Flatness: Study = trainedStudy<Protocol, 'batch', Vary>({
  name: 'bjorck2018/flatness',
  title: 'Sharpness of minima against the learning rate',
  paper: 'bjorck2018',
  where: 'section 4',
  claim: 'The larger the learning rate, the flatter the minimum in which a network with batch normalisation ends.',
  tags: ['sharpness', 'learning-rate', 'mnist', 'mlp'],
  dataset: 'mnist',
  leastBudget: 'standard',
  rule,
  arms: ['batch'],
  protocol: protocolAt,
  check: (protocol) => {
    checkTrained(protocol);
    checkRates(protocol);
  },
  vary: ({ learningRates }) => ({ rate: learningRates }),
  train: (protocol, { rate, seed }) =>
    keskarTraining(protocol, { batchSize: protocol.batchSize, optimiser: sgd(), rate, seed }),
  decide: (grid, protocol) => {
    const { learningRates } = protocol;
    const curves = grid.cells.map(({ point, records }) => ({
      ...point,
      panel: `learning rate ${point.rate}`,
      curve: curveOf(records),
    }));
    const slopes = grid.seeds.map((seed) => {
      const logs = learningRates.map((rate) => Math.log(lastSharpness(grid.cell({ rate, seed }).records)));
      const isWhole = logs.every(Number.isFinite);
      return { seed, value: isWhole ? -leastSquaresSlope(learningRates.map(Math.log), logs) : Number.NaN };
    });
    const perRate = learningRates
      .map((rate) => {
        return `${rate}: ${valuesText(grid.where({ rate }).bySeed(lastSharpness))}`;
      })
      .join('; ');
    const short = curves.filter(({ curve }) => {
      const phase = { steps: curve.loss.length, improvement: rule.improvement };
      return curve.divergedAt === undefined && !isSettled(curve, phase);
    });
    const obstacle =
      short.length === 0
        ? undefined
        : `neither ${100 * rule.fittedAccuracy} % training accuracy nor a plateau is reached at ` +
          short.map(({ rate, seed }) => `rate ${rate}, seed ${seed}`).join('; ');
    const part = judgedPart(
      {
        name: 'a',
        claim: 'Sharpness falls with the learning rate.',
        effect: 'minus the least-squares slope of ln φ before the last step against ln of the learning rate',
        margin: rule.slopeMargin,
        rule: 'above',
        remarks: [`φ in % at each rate, per seed: ${perRate}.`, 'Paper: a conjecture, without a number.'],
      },
      slopes,
      obstacle,
    );
    const interval = part.pairings[0]?.interval;
    return resultOf([part], {
      outcome:
        interval === undefined
          ? (obstacle ?? 'a training has no end to measure at')
          : `minus the slope of ln φ against ln of the learning rate is ${formatInterval3(interval)} (margin 0)`,
      notes: [
        keskarNote(grid.records, protocol),
        'Weights before a batch norm grow with the rate at which they are trained, and a longer weight has a larger box around ' +
          'it and a smaller gradient at the same function: what φ says of two rates says that too.',
      ],
      figures: [
        sharpnessFigure(grid),
        accuracyFigure(curves, {
          id: 'flatness-accuracy',
          title: 'Training accuracy at each learning rate',
          caption: 'The same weights to begin with, the same batches.',
        }),
        ...effectsFigure([part], { id: 'flatness-effects', title: 'Effects per seed' }),
      ],
    });
  },
});

function sharpnessFigure(grid: Grid<'batch', Vary>): PlotFigure {
  return {
    id: 'flatness-sharpness',
    title: 'Sharpness against learning rate',
    caption: 'A dot per seed: φ before the last step.',
    x: { label: 'learning rate', unit: '', scale: 'log' },
    y: { label: 'φ', unit: '%', scale: 'log' },
    marks: grid.cells.map(
      ({ point: { arm, seed, rate }, records }): DotMark => ({
        mark: 'dot',
        arm,
        seed,
        x: [rate],
        y: [lastSharpness(records)],
      }),
    ),
  };
}
