/** @file Santurkar et al. 2018, Figures 2 and 8: does batch norm still train well where its activations are made unstable? */

import { average } from '../../math/statistics.ts';
import type { NormName } from '../../norms/index.ts';
import { format3, formatInterval3 } from '../number-text.ts';
import { intervalPart, resultOf } from '../parts.ts';
import type { Study } from '../study.ts';
import { accuracyFigure, effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';
import { curveOf, stepAtShare, type TrainingCurve } from '../training-curves.ts';
import { vggTraining } from '../vgg-training.ts';
import { type Drift, driftOf, watchedProtocol, watchUnits } from './drift.ts';
import { checkTrained } from '../protocol-checks.ts';
import { driftFigure } from './figures.ts';

const arms = { standard: 'none', batch: 'batch', noisy: 'noisy-batch' } as const satisfies Record<string, NormName>;

const rule = {
  /** Batch norm must train faster than the standard network at all. */
  gainMargin: 0,
  /** The share of that gain which noise must leave. */
  keptMargin: 0.5,
  /** ln 2: noise must make means move twice as far from step to step as they do in the standard network. */
  driftMargin: Math.log(2) as number,
  /** Areas are under the curves until the standard network has this share of its final accuracy. */
  shareOfFinal: 0.9,
} as const;

export const santurkar2018Noisy: Study = trainedStudy({
  name: 'santurkar2018/noisy',
  title: 'Batch norm with noise behind it',
  paper: 'santurkar2018',
  where: 'Figures 2 and 8',
  claim:
    'Batch normalisation keeps its advantage in training where noise behind it makes the distributions of activations less stable than those of a network without it.',
  tags: ['noise', 'covariate-shift', 'cifar10', 'vgg'],
  dataset: 'cifar10',
  rule,
  arms: ['standard', 'batch', 'noisy'],
  protocol: watchedProtocol,
  check: checkTrained,
  train: (protocol, { arm, seed }) => ({
    ...vggTraining(protocol, { norm: arms[arm], rate: protocol.learningRate, seed }),
    probes: [watchUnits(protocol)],
  }),
  decide: (grid, { learningRate }) => {
    const curves = grid.cells.map(({ point, records }) => ({ ...point, curve: curveOf(records) }));
    const curve = (arm: keyof typeof arms, seed: number): TrainingCurve => curveOf(grid.cell({ arm, seed }).records);
    const bySeed = <Value>(of: (arm: keyof typeof arms, seed: number) => Value) =>
      grid.seeds.map((seed) => ({
        seed,
        standard: of('standard', seed),
        batch: of('batch', seed),
        noisy: of('noisy', seed),
      }));
    const areas = bySeed((arm, seed) => {
      const end = stepAtShare(rule.shareOfFinal, curve('standard', seed));
      return average(curve(arm, seed).accuracy.slice(0, end + 1));
    });
    const moved = bySeed((arm, seed) => driftOf(grid.cell({ arm, seed }).records));
    const text = (arm: keyof typeof arms): string => areas.map((seed) => format3(seed[arm])).join(', ');
    const driftText = (arm: keyof typeof arms, what: keyof Drift): string =>
      moved.map((seed) => format3(seed[arm][what])).join(', ');
    const parts = [
      intervalPart(
        {
          name: 'a',
          claim: 'Batch normalisation trains faster than the network without it.',
          effect:
            'difference (batch norm − standard) of the mean training accuracy of all batches until the standard network first has 90 % ' +
            'of its final running accuracy',
          margin: rule.gainMargin,
          rule: 'above',
          remarks: [
            `Mean accuracy per seed: standard ${text('standard')}; batch norm ${text('batch')}; noisy ${text('noisy')}.`,
          ],
        },
        areas.map(({ seed, standard, batch }) => ({ seed, value: batch - standard })),
      ),
      intervalPart(
        {
          name: 'b',
          claim: 'Noise behind batch normalisation leaves more than half of that gain.',
          effect: '(noisy − standard) / (batch norm − standard), of the mean accuracies of (a)',
          margin: rule.keptMargin,
          rule: 'above',
          remarks: ['Paper: about 0.8 to 1 (read off Fig. 2).'],
        },
        areas.map(({ seed, standard, batch, noisy }) => ({ seed, value: (noisy - standard) / (batch - standard) })),
      ),
      intervalPart(
        {
          name: 'c',
          claim:
            'Noise makes the mean of a unit move further from step to step than it does without batch normalisation.',
          effect:
            'ln of the ratio (noisy / standard) of the median over units and steps of |mean(t + 1) − mean(t)|, of what single units ' +
            'hand to their activation',
          margin: rule.driftMargin,
          rule: 'above',
          remarks: [
            `Median step per seed: standard ${driftText('standard', 'mean')}; batch norm ${driftText('batch', 'mean')}; noisy ${driftText('noisy', 'mean')}. ` +
              'Paper: about 5 to 10 times as far as standard (read off Fig. 8).',
            `In standard deviations of the unit: standard ${driftText('standard', 'relativeMean')}; batch norm ${driftText('batch', 'relativeMean')}; ` +
              `noisy ${driftText('noisy', 'relativeMean')}. Not judged.`,
            `The same of variances, median |variance(t + 1) − variance(t)|: standard ${driftText('standard', 'variance')}; ` +
              `batch norm ${driftText('batch', 'variance')}; noisy ${driftText('noisy', 'variance')}. ` +
              'Paper: about 0.03 for standard, 0.1 to 0.8 for noisy (read off Fig. 8). Not judged.',
          ],
        },
        moved.map(({ seed, standard, noisy }) => ({ seed, value: Math.log(noisy.mean / standard.mean) })),
      ),
    ];
    const [, kept, drift] = parts.map((part) => part.pairings[0]?.interval);
    return resultOf(parts, {
      outcome:
        kept === undefined || drift === undefined
          ? 'an effect could not be measured in every seed'
          : `with noise, batch norm keeps ${formatInterval3(kept)} of its gain (margin ${rule.keptMargin}), while means move e^${formatInterval3(drift)} times as far as without it`,
      notes: [
        'The noise is drawn anew at each step and does not depend on the weights: the experiment shows that stable moments are not needed, ' +
          'not that a shift which follows the weights is harmless.',
      ],
      figures: [
        accuracyFigure(curves, {
          id: 'noisy-batch-norm-accuracy',
          title: `Training accuracy, learning rate ${learningRate}`,
          caption: 'Without batch norm, with it, and with noise behind it; the noise is on while it is measured.',
        }),
        driftFigure(grid, 'mean'),
        driftFigure(grid, 'variance'),
        ...effectsFigure(parts, { id: 'noisy-batch-norm-effects', title: 'Effects per seed' }),
      ],
    });
  },
});
