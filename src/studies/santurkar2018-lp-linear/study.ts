/** @file Santurkar et al. 2018, Figure 5: does l1 normalisation train deep linear networks better than batch norm? */

import type { NormName } from '../../norms/index.ts';
import {
  type DeepLinearProtocol,
  deepLinearProtocol,
  deepLinearStudy,
  lastLoss,
  lossFigure,
} from '../deep-linear-training.ts';
import { format3, formatInterval3 } from '../number-text.ts';
import { intervalPart, resultOf } from '../parts.ts';
import type { Study } from '../study.ts';
import { effectsFigure } from '../trained-figures.ts';

const arms = {
  standard: 'none',
  batch: 'batch',
  l1: 'batch-l1',
  l2: 'batch-l2',
  linf: 'batch-linf',
} as const satisfies Record<string, NormName>;

const rule = {
  /** ln(1 / 0.9): a loss lower by a tenth. */
  margin: -Math.log(0.9) as number,
  /** Reported: the share of seeds in which the loss with l1 is below this share of that with batch norm. */
  shareOfBatch: 0.5,
} as const;

const protocol: DeepLinearProtocol = { ...deepLinearProtocol, learningRate: 1e-6, steps: 10_000 };

export const santurkar2018LpLinear: Study = deepLinearStudy({
  name: 'santurkar2018/lp-linear',
  title: 'l1 normalisation of deep linear networks',
  paper: 'santurkar2018',
  where: 'section 3.3 and Figure 5',
  claim: 'Deep linear networks end at a lower training loss with l1 normalisation than with batch normalisation.',
  tags: ['lp', 'deep-linear'],
  leastBudget: 'standard',
  rule,
  arms: ['standard', 'batch', 'l1', 'l2', 'linf'],
  protocol: () => protocol,
  train: (_, { arm }) => ({ norm: arms[arm], normaliseLast: true, probes: [] }),
  decide: (grid, { learningRate }) => {
    const last = (arm: keyof typeof arms, seed: number): number => lastLoss(grid.cell({ arm, seed }).records);
    const effects = grid.seeds.map((seed) => ({ seed, value: Math.log(last('batch', seed) / last('l1', seed)) }));
    const names = Object.keys(arms) as (keyof typeof arms)[];
    const losses = names.map((arm) => `${arm} ${grid.seeds.map((seed) => format3(last(arm, seed))).join(', ')}`);
    const isFar = effects.filter(({ value }) => value > -Math.log(rule.shareOfBatch)).length;
    const part = intervalPart(
      {
        name: 'a',
        claim: 'The loss at the last step is lower with l1 normalisation by a tenth or more.',
        effect: 'ln of the ratio (batch norm / l1) of the loss at the last step',
        margin: rule.margin,
        rule: 'above',
        remarks: [
          `Last loss per seed: ${losses.join('; ')}.`,
          `In ${isFar} of ${effects.length} seeds it is below half of that with batch norm.`,
          'Paper: standard 1,700, l∞ 1,000, l2 480, batch norm 480, l1 100, one training each (read off Fig. 5).',
        ],
      },
      effects,
    );
    const interval = part.pairings[0]?.interval;
    return resultOf([part], {
      outcome:
        interval === undefined
          ? 'a training has no last loss'
          : `ln of the ratio of last losses, batch norm over l1, is ${formatInterval3(interval)} (margin ${format3(rule.margin)})`,
      notes: [
        'The last layer is normalised, gamma and beta are trained; arms that end on one plateau differ by no more than noise.',
      ],
      figures: [
        lossFigure(grid, { id: 'lp-linear-loss', learningRate }),
        ...effectsFigure([part], { id: 'lp-linear-effects', title: 'Effects per seed' }),
      ],
    });
  },
});
