/** @file Does batch norm smooth the loss by whatever definition is used? One trajectory, read by all of them. */

import { SettingError } from '../../errors.ts';
import type { NormName } from '../../norms/index.ts';
import { adam } from '../../train/optimisers/adam.ts';
import { checkRates, checkTrained } from '../protocol-checks.ts';
import type { Study } from '../study.ts';
import { trainedStudy } from '../trained-study.ts';
import { vggTraining } from '../vgg-training.ts';
import { pairOf } from './concordance.ts';
import { decide } from './decide.ts';
import { definitionsOf } from './definitions.ts';
import { Measured } from './measured.ts';
import { type Arm, type DefinitionsProtocol, type Optimiser, probesOf, protocolAt, rule, scaleOf } from './protocol.ts';

const norms = { standard: 'none', batch: 'batch' } as const satisfies Record<Arm, NormName>;

export const santurkar2018Definitions: Study = trainedStudy({
  name: 'santurkar2018/definitions',
  title: 'The definition lab',
  paper: 'santurkar2018',
  where: 'Figures 3 and 4, and public copies of them',
  claim: 'Batch normalisation makes the loss landscape smoother by whatever definition is used.',
  tags: ['definitions', 'landscape', 'smoothness', 'covariate-shift', 'cifar10', 'vgg'],
  dataset: 'cifar10',
  leastBudget: 'standard',
  rule,
  arms: ['standard', 'batch'],
  protocol: protocolAt,
  check: checkProtocol,
  vary: ({ learningRates, adamRate }) => ({
    optimiser: ['sgd', 'adam'] as const,
    rate: [...new Set([...learningRates, adamRate])],
  }),
  // SGD at several rates, and Adam at one.
  isMade: ({ learningRates, adamRate, envelopeSeeds }, { optimiser, rate, seed }) =>
    optimiser === 'adam'
      ? rate === adamRate
      : learningRates.includes(rate) && (rate === rule.judgedRate || seed < envelopeSeeds),
  train: (protocol, { arm, optimiser, rate, seed }) => {
    const { problem, training } = vggTraining(protocol, { norm: norms[arm], rate, seed });
    return {
      problem,
      training: optimiser === 'adam' ? { ...training, optimiser: adam() } : training,
      probes: probesOf(protocol, { arm, optimiser, rate, seed }),
    };
  },
  decide: (grid, protocol) => {
    const measured = (arm: Arm, optimiser: Optimiser, rate: number, seed: number): readonly Measured[] =>
      grid
        .where({ arm, optimiser, rate, seed })
        .cells.map(
          ({ records }) => new Measured(records, { ...protocol, arm, rate, scale: scaleOf(optimiser, protocol) }),
        );
    const pairs = (['sgd', 'adam'] as const).flatMap((optimiser) =>
      grid.seeds.flatMap((seed) => {
        const rate = optimiser === 'sgd' ? rule.judgedRate : protocol.adamRate;
        const [[standard], [batch]] = (['standard', 'batch'] as const).map((arm) =>
          measured(arm, optimiser, rate, seed),
        ) as [readonly Measured[], readonly Measured[]];
        return standard === undefined || batch === undefined ? [] : [pairOf({ seed, optimiser, standard, batch })];
      }),
    );
    const envelope = grid.seeds.flatMap((seed) => {
      const runs = (arm: Arm): readonly Measured[] =>
        protocol.learningRates.flatMap((rate) => measured(arm, 'sgd', rate, seed));
      const both = { standard: runs('standard'), batch: runs('batch') };
      const isWhole = Object.values(both).every(({ length }) => length === protocol.learningRates.length);
      return isWhole ? [{ seed, runs: both }] : [];
    });
    const layer = pairs[0]?.standard.layers[0] ?? '';
    return decide({ pairs, envelope, definitions: definitionsOf(protocol.width, layer), layer }, protocol);
  },
});

function checkProtocol(protocol: DefinitionsProtocol): void {
  checkTrained(protocol);
  checkRates(protocol);
  const { multiples, denseMultiples, learningRates, layers } = protocol;
  for (const needed of [0.01, rule.leastMultiple, 1]) {
    if (!multiples.includes(needed)) {
      throw new SettingError(`Definitions need step size ${needed} × learning rate, got [${multiples.join(', ')}]`);
    }
  }
  const repeated = denseMultiples.find((multiple) => multiples.includes(multiple));
  if (repeated !== undefined) {
    throw new SettingError(`A step size must be measured once, got ${repeated} in 'multiples' and in 'denseMultiples'`);
  }
  if (!learningRates.includes(rule.judgedRate)) {
    throw new SettingError(
      `The trajectory is that of learning rate ${rule.judgedRate}, got [${learningRates.join(', ')}]; add it to 'learningRates'`,
    );
  }
  if (layers.length < 1) throw new SettingError("The shift is that of some layers, got none in 'layers'");
}
