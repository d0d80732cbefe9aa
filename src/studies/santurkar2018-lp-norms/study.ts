/** @file Santurkar et al. 2018, section 3.3 and Figure 12: do other norms than the standard deviation speed up training as well? */

import type { NormName } from '../../norms/index.ts';
import { format3, formatInterval3 } from '../number-text.ts';
import { intervalPart, resultOf } from '../parts.ts';
import type { PairingResult, PartResult } from '../result.ts';
import { LEARNT_ACCURACY, SHARE_OF_FINAL, speedUp } from '../santurkar2018-faster/speed.ts';
import type { Budget, Study } from '../study.ts';
import { accuracyFigure, effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';
import { curveOf } from '../training-curves.ts';
import { checkTrained } from '../protocol-checks.ts';
import { type VggProtocol, vggProtocols, vggTraining } from '../vgg-training.ts';

interface Protocol extends VggProtocol {
  readonly learningRate: number;
  /** Steps of the l_p arms, where only the time to an accuracy is asked. */
  readonly normedSteps: number;
}

const arms = {
  standard: 'none',
  batch: 'batch',
  l1: 'batch-l1',
  l2: 'batch-l2',
  linf: 'batch-linf',
} as const satisfies Record<string, NormName>;
const judged = ['l1', 'l2', 'linf'] as const;
const titles = { l1: 'l1', l2: 'l2', linf: 'l∞' } as const;

const rule = {
  speedMargin: Math.log(4 / 3) as number,
  shareOfFinal: SHARE_OF_FINAL,
  learntAccuracy: LEARNT_ACCURACY,
} as const;

/**
 * ln 1.5: as soon as batch norm means at most so much sooner or later. It is no field of the rule, whose hash has been on record since
 * before the quick run, which judges no equivalence; the notes say what was known when it was fixed.
 */
const EQUIVALENCE_MARGIN = Math.log(1.5);

const protocolAt = (budget: Budget): Protocol => ({
  ...vggProtocols[budget],
  learningRate: 0.1,
  normedSteps: budget === 'quick' ? 150 : vggProtocols[budget].steps,
});

export const santurkar2018LpNorms: Study = trainedStudy({
  name: 'santurkar2018/lp-norms',
  title: 'Batch norm by other norms',
  paper: 'santurkar2018',
  where: 'section 3.3 and Figure 12',
  claim:
    'Normalising by the l1, l2 or l∞ norm of a batch, in place of its standard deviation, lets a network reach a training accuracy sooner than no normalisation.',
  tags: ['speed', 'lp', 'cifar10', 'vgg'],
  dataset: 'cifar10',
  rule,
  arms: ['standard', 'batch', 'l1', 'l2', 'linf'],
  protocol: protocolAt,
  check: checkTrained,
  train: (protocol, { arm, seed }) => ({
    ...vggTraining(protocol, {
      norm: arms[arm],
      rate: protocol.learningRate,
      seed,
      steps: stepsOf(protocol, arm),
    }),
    probes: [],
  }),
  decide: (grid, protocol) => {
    const curves = grid.cells.map(({ point, records }) => ({
      ...point,
      curve: curveOf(records),
      steps: stepsOf(protocol, point.arm),
    }));
    const of = (arm: keyof typeof arms, seed: number) => ({
      curve: curveOf(grid.cell({ arm, seed }).records),
      steps: stepsOf(protocol, arm),
    });
    const finals = (arm: string): string =>
      curves.flatMap(({ arm: own, curve }) => (own === arm ? [format3(curve.finalAccuracy)] : [])).join(', ');
    const speeds = (slow: keyof typeof arms, fast: keyof typeof arms): PairingResult['effects'] =>
      grid.seeds.map((seed) => ({ seed, value: speedUp(of(slow, seed), of(fast, seed)) }));
    // Shorter arms were not trained on to where batch norm ends: what they reach says nothing of equivalence.
    const isEquivalenceJudged = protocol.normedSteps === protocol.steps;
    const faster = judged.map((arm, i) =>
      intervalPart(
        {
          name: 'abc'.charAt(i),
          claim: `With the ${titles[arm]} norm the accuracy is reached in at most three quarters of the steps.`,
          effect:
            `ln of the ratio (standard / ${titles[arm]}) of the steps until the running training accuracy (mean of 20 batches) is 80 % of ` +
            `the lower of both final ones; ${protocol.steps} steps without norm, ${protocol.normedSteps} with it`,
          margin: rule.speedMargin,
          rule: 'above',
          remarks: [
            `Final running training accuracy per seed: ${finals(arm)}; standard ${finals('standard')}.`,
            ...(isEquivalenceJudged
              ? []
              : [
                  `The same against batch norm, ln of the ratio (batch norm / ${titles[arm]}) per seed: ` +
                    `${speeds('batch', arm)
                      .map(({ value }) => format3(value))
                      .join(', ')}. Not judged at this budget.`,
                ]),
            'Paper: all curves overlap that of batch norm (Fig. 12).',
          ],
        },
        speeds('standard', arm),
      ),
    );
    const equal = (isEquivalenceJudged ? judged : []).map((arm, i) =>
      intervalPart(
        {
          name: 'def'.charAt(i),
          claim: `With the ${titles[arm]} norm the accuracy is reached as soon as with batch norm, to a factor of 1.5.`,
          effect:
            `ln of the ratio (batch norm / ${titles[arm]}) of the steps until the running training accuracy (mean of 20 batches) is 80 % of ` +
            'the lower of both final ones; the interval must lie inside ± the margin',
          margin: EQUIVALENCE_MARGIN,
          rule: 'within',
          remarks: ['Paper: all curves overlap that of batch norm (Fig. 12).'],
        },
        speeds('batch', arm),
      ),
    );
    const parts = [...faster, ...equal];
    const textOf = (own: readonly PartResult[]): string =>
      own
        .map(({ pairings }, i) => {
          const interval = pairings[0]?.interval;
          return `${titles[judged[i] ?? 'l1']} ${interval === undefined ? 'not measured' : formatInterval3(interval)}`;
        })
        .join(', ');
    return resultOf(parts, {
      outcome:
        `ln of the ratio of steps to the same training accuracy, without norm over with it: ${textOf(faster)} (margin ${format3(rule.speedMargin)})` +
        (isEquivalenceJudged
          ? `; batch norm over the others: ${textOf(equal)} (inside ±${format3(EQUIVALENCE_MARGIN)})`
          : ''),
      notes: [
        ...(isEquivalenceJudged
          ? [
              'All arms take as many steps here, so that parts (d) to (f) judge what the paper says beside the claim: that they overlap batch norm. The verdict is of all parts.',
              'The margin of (d) to (f) was written down after a quick run of seeds 100 to 105, whose l_p arms take 150 steps, had shown their speeds beside ' +
                'that of batch norm: of those seeds they are no test that is blind. Seeds from 200 on are.',
            ]
          : []),
        'l∞ is read as the largest magnitude over the batch and all pixels of a channel; the norms are of the values before they are centred, as the text says.',
      ],
      figures: [
        accuracyFigure(curves, {
          id: 'lp-norms-accuracy',
          title: `Training accuracy, learning rate ${protocol.learningRate}`,
          caption: 'Without norm, with batch norm, and with l_p norms in place of the standard deviation.',
        }),
        ...effectsFigure(parts, { id: 'lp-norms-effects', title: 'Effects per seed' }),
      ],
    });
  },
});

function stepsOf({ steps, normedSteps }: Protocol, arm: string): number {
  return arm === 'standard' || arm === 'batch' ? steps : normedSteps;
}
