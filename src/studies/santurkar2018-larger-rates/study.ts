/** @file Santurkar et al. 2018, Figure 1: does a network with batch norm train at larger learning rates than one without? */

import { counted } from '../../counted.ts';
import { SettingError } from '../../errors.ts';
import { median } from '../../math/statistics.ts';
import type { NormName } from '../../norms/index.ts';
import type { LineMark, PlotFigure, Table } from '../figure.ts';
import { format3, formatInterval3 } from '../number-text.ts';
import { intervalPart, resultOf } from '../parts.ts';
import { checkRates, checkTrained } from '../protocol-checks.ts';
import { LEARNT_ACCURACY } from '../santurkar2018-faster/speed.ts';
import type { Budget, Study } from '../study.ts';
import { endAccuracy, SHARE_OF_BEST, trained } from '../trainable.ts';
import { type ArmCurve, accuracyFigure, effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';
import { curveOf } from '../training-curves.ts';
import { CLASSES, type VggProtocol, vggProtocols, vggTraining } from '../vgg-training.ts';
import { type Range, rangeOf } from './range.ts';

interface Protocol extends VggProtocol {
  readonly learningRates: readonly number[];
}

const arms = { standard: 'none', batch: 'batch' } as const satisfies Record<string, NormName>;
type Arm = keyof typeof arms;
const titles = { standard: 'standard', batch: 'batch norm' } as const satisfies Record<Arm, string>;

const rule = {
  /** log2 of 2: twice the rate. The paper shows that 0.5 trains with batch norm alone and 0.1 without, log2 of 5 or more. */
  rangeMargin: 1,
  shareOfBest: SHARE_OF_BEST,
  learntAccuracy: LEARNT_ACCURACY,
} as const;

const chance = { accuracy: 1 / CLASSES, learnt: LEARNT_ACCURACY };

/** Five rates of each arm make it the costliest of the VGG studies: six seeds, the fewest that a verdict is given on. */
const protocolAt = (budget: Budget): Protocol => ({
  ...vggProtocols[budget],
  seeds: 6,
  learningRates: [0.1, 0.2, 0.4, 0.8, 1.6],
});

type RateCurve = ArmCurve & { readonly arm: Arm; readonly rate: number };

export const santurkar2018LargerRates: Study = trainedStudy({
  name: 'santurkar2018/larger-rates',
  title: 'Larger learning rates with batch norm',
  paper: 'santurkar2018',
  where: 'Figure 1',
  claim: 'The largest learning rate at which a network trains is more than twice as large with batch normalisation.',
  tags: ['learning-rate', 'cifar10', 'vgg'],
  dataset: 'cifar10',
  leastBudget: 'standard',
  rule,
  arms: ['standard', 'batch'],
  protocol: protocolAt,
  check: checkProtocol,
  vary: ({ learningRates }) => ({ rate: learningRates }),
  train: (protocol, { arm, rate, seed }) => ({ ...vggTraining(protocol, { norm: arms[arm], rate, seed }), probes: [] }),
  decide: (grid, { learningRates }) => {
    const curves = grid.cells.map(
      ({ point, records }): RateCurve => ({ ...point, panel: `learning rate ${point.rate}`, curve: curveOf(records) }),
    );
    const ranges = grid.seeds.map((seed) => {
      const of = (arm: Arm): Range =>
        rangeOf(
          curves.filter((one) => one.arm === arm && one.seed === seed),
          chance,
        );
      return { seed, standard: of('standard'), batch: of('batch') };
    });
    const largest = (arm: Arm): string => ranges.map((range) => format3(range[arm].largest)).join(', ');
    const part = intervalPart(
      {
        name: 'a',
        claim: 'With batch normalisation the largest rate that trains is more than twice as large.',
        effect:
          'log2 of the ratio (batch norm / standard) of the largest learning rate of the grid at which the final running training ' +
          'accuracy (mean of 20 batches) exceeds chance by more than half of what the best rate of the same arm and seed does',
        margin: rule.rangeMargin,
        rule: 'above',
        remarks: [
          `Largest rate that trains, per seed: standard ${largest('standard')}; batch norm ${largest('batch')}.`,
          'Paper: 0.1 trains without batch norm and 0.5 does not, 10 % after 15,000 steps; with it both do (Fig. 1): log2 of the ratio is 2.3 or more.',
        ],
      },
      ranges.map(({ seed, standard, batch }) => ({ seed, value: Math.log2(batch.largest / standard.largest) })),
    );
    const interval = part.pairings[0]?.interval;
    return resultOf([part], {
      outcome:
        interval === undefined
          ? `an arm learns no more than ${100 * LEARNT_ACCURACY} points beyond chance at any rate`
          : `log2 of the ratio of the largest rates that train, with batch norm over without, is ${formatInterval3(interval)} (margin ${format3(part.margin)})`,
      notes: [
        ...(Object.keys(arms) as Arm[]).flatMap((arm) => rangeNotes(arm, ranges)),
        `The grid is ${learningRates.join(', ')}: ranges are known to a factor of two.`,
      ],
      figures: [
        rangeFigure(curves),
        accuracyFigure(curves, {
          id: 'larger-rates-curves',
          title: 'Training accuracy at each learning rate',
          caption: 'The same weights to begin with, the same batches; a curve ends where its training diverges.',
        }),
        ...effectsFigure([part], { id: 'larger-rates-effects', title: 'Effects per seed' }),
      ],
      tables: [trainableTable(curves, learningRates)],
    });
  },
});

/** What an arm's ranges do not say: what lies beyond the grid, and rates that fail below others that train. */
function rangeNotes(arm: Arm, ranges: readonly ({ readonly seed: number } & Readonly<Record<Arm, Range>>)[]): string[] {
  const censored = ranges.filter((range) => range[arm].isCensored).length;
  const bound = arm === 'batch' ? 'a lower bound' : 'an upper bound';
  const holes = ranges.flatMap(({ seed, [arm]: range }) =>
    range.holes.length > 0 ? [`${range.holes.join(' and ')} in seed ${seed}`] : [],
  );
  return [
    ...(censored > 0
      ? [
          `In ${censored} of ${counted(ranges.length, 'seed')} ${titles[arm]} trains at the largest rate of the grid: as far as that, the effect is ${bound}.`,
        ]
      : []),
    ...(holes.length > 0
      ? [`Not every rate below the largest trains: ${titles[arm]} fails at ${holes.join('; ')}.`]
      : []),
  ];
}

/** Final accuracy over rate. */
function rangeFigure(curves: readonly RateCurve[]): PlotFigure {
  const lines = new Map<string, RateCurve[]>();
  for (const curve of curves) {
    const key = `${curve.arm} ${curve.seed}`;
    lines.set(key, [...(lines.get(key) ?? []), curve]);
  }
  return {
    id: 'larger-rates-range',
    title: 'Final training accuracy over learning rate',
    caption:
      'Mean of the last 20 batches; a training that diverged is drawn at chance. Thin lines are seeds, thick ones their median.',
    x: { label: 'learning rate', unit: '', scale: 'log' },
    y: { label: 'final training accuracy', unit: '', scale: 'linear' },
    marks: [
      { mark: 'rule', kind: 'theory', label: 'chance', axis: 'y', value: chance.accuracy },
      ...[...lines.values()].map(
        (own): LineMark => ({
          mark: 'line',
          arm: own[0]?.arm ?? '',
          ...(own[0] && { seed: own[0].seed }),
          x: own.map(({ rate }) => rate),
          y: own.map(({ curve }) => (curve.divergedAt === undefined ? curve.finalAccuracy : chance.accuracy)),
        }),
      ),
    ],
  };
}

/** Per arm and rate how many seeds train, and how many diverge. */
function trainableTable(curves: readonly RateCurve[], rates: readonly number[]): Table {
  const seeds = [...new Set(curves.map(({ seed }) => seed))];
  const rows = (Object.keys(arms) as Arm[]).flatMap((arm) => {
    const perSeed = seeds.map((seed) => {
      const own = curves.filter((one) => one.arm === arm && one.seed === seed);
      return trained(
        own.map(({ curve }) => curve),
        chance,
      );
    });
    return rates.map((rate, i) => {
      const own = curves.filter((one) => one.arm === arm && one.rate === rate);
      const finals = own.map(({ curve }) => endAccuracy(curve)).filter(Number.isFinite);
      return [
        titles[arm],
        rate,
        perSeed.filter((isTrained) => isTrained[i]).length,
        own.filter(({ curve }) => curve.divergedAt !== undefined).length,
        finals.length === 0 ? Number.NaN : median(finals),
      ];
    });
  });
  return {
    title: 'What trains at which rate',
    caption: `Of ${counted(seeds.length, 'seed')}: how many train and how many diverge, and the median final training accuracy of those that do not diverge.`,
    columns: ['arm', 'learning rate', 'trained', 'diverged', 'final training accuracy'],
    rows,
  };
}

function checkProtocol(protocol: Protocol): void {
  checkTrained(protocol);
  checkRates(protocol);
  if (protocol.learningRates.length > 1) return;
  throw new SettingError('A range of rates needs two or more of them; try 0.1,0.2,0.4');
}
