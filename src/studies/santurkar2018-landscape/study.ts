/** @file Santurkar et al. 2018, Figure 4: does batch norm smooth the loss along the direction of a training step? */

import { SettingError } from '../../errors.ts';
import type { NormName } from '../../norms/index.ts';
import { heldProbe } from '../../probes/index.ts';
import { labNote } from '../definition-lab.ts';
import { checkRates, checkTrained } from '../protocol-checks.ts';
import type { Study } from '../study.ts';
import { trainedStudy } from '../trained-study.ts';
import { CLASSES, vggTraining } from '../vgg-training.ts';
import { decide } from './decide.ts';
import { groupByRate } from './groups.ts';
import { type LandscapeProtocol, protocols, rule } from './protocol.ts';
import { cellSeries } from './series.ts';

/** By what each arm is normalised. */
const arms = { standard: 'none', batch: 'batch' } as const satisfies Record<string, NormName>;

export const santurkar2018Landscape: Study = trainedStudy({
  name: 'santurkar2018/landscape',
  title: 'The loss landscape along a training step',
  paper: 'santurkar2018',
  where: 'Figure 4',
  claim:
    'Batch normalisation makes the loss change less, and its gradient more predictable, along the direction of a training step.',
  tags: ['landscape', 'smoothness', 'cifar10', 'vgg'],
  dataset: 'cifar10',
  rule,
  amended:
    'Part (a) was judged by ln(max L / min L) alone, and every part at matched loss as well as at equal steps, on seeds 0 to 2. It came out as ' +
    'not reproduced, and with other last bits of the arithmetic as inconclusive. Section 3.2 of the paper speaks of the range max L − min L, which ' +
    'says the opposite there: now both readings are judged, at equal steps, on seeds from 100 on.',
  arms: ['standard', 'batch'],
  protocol: (budget) => protocols[budget],
  check: checkProtocol,
  vary: ({ learningRates }) => ({ rate: learningRates }),
  isMade: ({ controlSeeds }, { rate, seed }) => rate === rule.judgedRate || seed < controlSeeds,
  train: (protocol, { arm, rate, seed }) => ({
    ...vggTraining(protocol, { norm: arms[arm], rate, seed }),
    probes: [
      heldProbe('landscape', {
        every: protocol.every,
        multiples: protocol.multiples,
        random: protocol.randomDirection,
        seed,
      }),
    ],
  }),
  decide: ({ cells }, protocol) => {
    const series = cells.map(({ point, records }) => ({ ...point, series: cellSeries(records) }));
    const result = decide(groupByRate(series, protocol.learningRates, CLASSES), protocol);
    return { ...result, notes: [...result.notes, labNote('santurkar2018/landscape')] };
  },
});

function checkProtocol(protocol: LandscapeProtocol): void {
  checkTrained(protocol);
  checkRates(protocol);
  const { multiples } = protocol;
  for (const needed of [0.01, 1]) {
    if (!multiples.includes(needed)) {
      throw new SettingError(`The control needs step size ${needed} × learning rate, got [${multiples.join(', ')}]`);
    }
  }
}
