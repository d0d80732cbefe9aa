/**
 * @file Santurkar et al. 2018, section 3.3: l∞ normalisation by its second reading. It stands by itself so that `lp-norms`, which has
 * the first, keeps the cells that its runs have noted.
 */

import type { NormName } from '../../norms/index.ts';
import { format3, formatInterval3 } from '../number-text.ts';
import { intervalPart, resultOf } from '../parts.ts';
import type { PairingResult } from '../result.ts';
import { LEARNT_ACCURACY, SHARE_OF_FINAL, speedUp } from '../santurkar2018-faster/speed.ts';
import type { Budget, Study } from '../study.ts';
import { accuracyFigure, effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';
import { curveOf } from '../training-curves.ts';
import { checkTrained } from '../protocol-checks.ts';
import { type VggProtocol, vggProtocols, vggTraining } from '../vgg-training.ts';

interface Protocol extends VggProtocol {
  readonly learningRate: number;
}

const arms = { standard: 'none', batch: 'batch', linf: 'batch-linf-mean' } as const satisfies Record<string, NormName>;

const rule = {
  /** A quarter of the steps less than without norm, as in `lp-norms`. */
  speedMargin: Math.log(4 / 3) as number,
  /** As soon as batch norm: at most so much sooner or later. */
  equivalenceMargin: Math.log(1.5) as number,
  shareOfFinal: SHARE_OF_FINAL,
  learntAccuracy: LEARNT_ACCURACY,
} as const;

const protocolAt = (budget: Budget): Protocol => ({ ...vggProtocols[budget], learningRate: 0.1 });

const TIMED = 'the running training accuracy (mean of 20 batches) is 80 % of the lower of both final ones';
const PAPER = 'Paper: all curves overlap that of batch norm (Fig. 12).';

export const santurkar2018LinfAverage: Study = trainedStudy({
  name: 'santurkar2018/linf-average',
  title: 'l∞ averaged over pixels',
  paper: 'santurkar2018',
  where: 'section 3.3 and Figure 12',
  claim:
    'Normalising by the l∞ norm over the batch, averaged over pixels, lets a network reach a training accuracy sooner than no normalisation, and as soon as batch normalisation.',
  tags: ['speed', 'lp', 'cifar10', 'vgg'],
  dataset: 'cifar10',
  leastBudget: 'standard',
  rule,
  arms: ['standard', 'batch', 'linf'],
  protocol: protocolAt,
  check: checkTrained,
  train: (protocol, { arm, seed }) => ({
    ...vggTraining(protocol, { norm: arms[arm], rate: protocol.learningRate, seed }),
    probes: [],
  }),
  decide: (grid, { learningRate, steps }) => {
    const curves = grid.cells.map(({ point, records }) => ({ ...point, curve: curveOf(records) }));
    const of = (arm: keyof typeof arms, seed: number) => ({ curve: curveOf(grid.cell({ arm, seed }).records), steps });
    const against = (slow: 'standard' | 'batch'): PairingResult['effects'] =>
      grid.seeds.map((seed) => ({ seed, value: speedUp(of(slow, seed), of('linf', seed)) }));
    const finals = (arm: keyof typeof arms): string =>
      grid.seeds.map((seed) => format3(of(arm, seed).curve.finalAccuracy)).join(', ');
    const parts = [
      intervalPart(
        {
          name: 'a',
          claim: 'The accuracy is reached in at most three quarters of the steps that a network without norm takes.',
          effect: `ln of the ratio (standard / l∞) of the steps until ${TIMED}`,
          margin: rule.speedMargin,
          rule: 'above',
          remarks: [
            `Final running training accuracy per seed: standard ${finals('standard')}; batch norm ${finals('batch')}; l∞ ${finals('linf')}.`,
            PAPER,
          ],
        },
        against('standard'),
      ),
      intervalPart(
        {
          name: 'b',
          claim: 'The accuracy is reached as soon as with batch norm, to a factor of 1.5.',
          effect: `ln of the ratio (batch norm / l∞) of the steps until ${TIMED}; the interval must lie inside ± the margin`,
          margin: rule.equivalenceMargin,
          rule: 'within',
          remarks: [PAPER],
        },
        against('batch'),
      ),
    ];
    const [faster, equal] = parts.map(({ pairings: [pairing] }) =>
      pairing?.interval === undefined ? 'not measured' : formatInterval3(pairing.interval),
    );
    return resultOf(parts, {
      outcome:
        `ln of the ratio of steps to the same training accuracy is ${faster}, without norm over with l∞ (margin ${format3(rule.speedMargin)}), ` +
        `and ${equal}, batch norm over l∞ (inside ±${format3(rule.equivalenceMargin)})`,
      notes: [
        'The text has “the average of their l_p norm” and no formula. santurkar2018/lp-norms reads l∞ as the largest magnitude over the batch and all pixels of a ' +
          'channel; here each pixel has its own over the batch, and the channel their mean. Where the two differ, the claim on l∞ hangs on the definition.',
      ],
      figures: [
        accuracyFigure(curves, {
          id: 'linf-average-accuracy',
          title: `Training accuracy, learning rate ${learningRate}`,
          caption: 'Without norm, with batch norm, and with the l∞ norm over the batch, averaged over pixels.',
        }),
        ...effectsFigure(parts, { id: 'linf-average-effects', title: 'Effects per seed' }),
      ],
    });
  },
});
