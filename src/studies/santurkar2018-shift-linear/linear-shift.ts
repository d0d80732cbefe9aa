/** @file A study of internal covariate shift of deep linear networks at one learning rate: one for each that the paper shows. */

import { median } from '../../math/statistics.ts';
import type { NormName } from '../../norms/index.ts';
import { heldProbe } from '../../probes/index.ts';
import {
  type DeepLinearProtocol,
  deepLinearProtocol,
  deepLinearStudy,
  lastLayers,
  lastLoss,
  lossFigure,
} from '../deep-linear-training.ts';
import { labNote } from '../definition-lab.ts';
import type { Grid } from '../grid.ts';
import { format3 } from '../number-text.ts';
import type { PartResult } from '../result.ts';
import { type ShiftClaim, shiftFigures, shiftParts, shiftResult, shiftRule } from '../santurkar2018-shift/result.ts';
import { type ShiftArm, shiftEffects } from '../santurkar2018-shift/shift.ts';
import type { Budget, Study } from '../study.ts';
import { effectsFigure } from '../trained-figures.ts';

interface Protocol extends DeepLinearProtocol {
  /** Steps between measurements. */
  readonly every: number;
  readonly layers: readonly number[];
}

const arms = { standard: 'none', batch: 'batch' } as const satisfies Record<string, NormName>;
type ShiftGrid = Grid<keyof typeof arms, { readonly last: typeof lastLayers }>;

const rule = {
  ...shiftRule,
  /** The window ends where the loss of the first arm is within so much of its last. */
  timesFinal: 1.05,
  /** "Strong": ten times as long, while the standard network's cosine is above this and batch norm's is not. */
  strongLength: Math.log(10) as number,
  strongCosine: 0.99,
} as const;

/** What differs between studies of the family. */
export interface LinearShift
  extends Pick<Study, 'name' | 'title' | 'claim' | 'leastBudget'>,
    Pick<ShiftClaim, 'published'> {
  readonly learningRate: number;
  readonly steps: (budget: Budget) => number;
  /** What the ids of its figures begin with. */
  readonly figures: string;
}

export const linearShiftStudy = ({
  learningRate: paperRate,
  steps,
  figures,
  published,
  ...about
}: LinearShift): Study =>
  deepLinearStudy({
    ...about,
    paper: 'santurkar2018',
    where: 'Definition 2.1 and Figure 3',
    tags: ['covariate-shift', 'deep-linear'],
    rule,
    arms: ['standard', 'batch'],
    protocol: (budget): Protocol => ({
      ...deepLinearProtocol,
      learningRate: paperRate,
      steps: steps(budget),
      every: 20,
      layers: [9, 17],
    }),
    vary: () => ({ last: lastLayers }),
    train: ({ every, layers }, { arm, last }) => ({
      norm: arms[arm],
      normaliseLast: last === 'last layer normalised',
      probes: [heldProbe('covariate-shift', { every, layers })],
    }),
    decide: (grid, { learningRate }) => {
      const pairings = lastLayers.map((last) => ({ name: last, grid: grid.where({ last }) }));
      const parts = shiftParts({
        gain: {
          effect: 'ln of the ratio (standard / batch norm) of the loss at the last step',
          pairings: pairings.map(({ name, grid: own }) => ({
            name,
            effects: own.differences('standard', 'batch', (records) => Math.log(lastLoss(records))),
          })),
        },
        shifts: pairings.map(({ name, grid: own }) => ({
          name,
          seeds: own.seeds.map((seed) => ({
            seed,
            effects: shiftEffects(armOf(own, 'standard', seed), armOf(own, 'batch', seed)),
          })),
        })),
        window: 'the loss of an arm is first within 5 % of its last',
        published,
      });
      const [plain] = pairings;
      const shown = (plain?.grid ?? grid).cells.map(({ point, records }) => ({ ...point, records }));
      return shiftResult(parts, {
        ahead: 'ln of the ratio of the losses is',
        notes: [
          ...pairings.flatMap(({ name, grid: own }) => strongNote(name, own, parts)),
          labNote('santurkar2018/shift-linear'),
        ],
        figures: [
          lossFigure(grid, { id: `${figures}-loss`, learningRate }, ({ last }) => last),
          ...shiftFigures(shown, figures),
          ...effectsFigure(parts, { id: `${figures}-effects`, title: 'Effects per seed' }),
        ],
      });
    },
  });

function armOf(grid: ShiftGrid, arm: keyof typeof arms, seed: number): ShiftArm {
  const { records } = grid.cell({ arm, seed });
  const { x, y } = records.series('loss', 'step');
  const last = rule.timesFinal * lastLoss(records);
  return { records, convergedAt: x[y.findIndex((loss) => loss <= last)] ?? Number.NaN };
}

/** What the paper's panel shows: shifts of another order, and directions that are kept without batch norm alone. */
function strongNote(name: string, grid: ShiftGrid, parts: readonly PartResult[]): readonly string[] {
  const interval = parts[1]?.pairings.find((pairing) => pairing.name === name)?.interval;
  const [standard, batch] = (['standard', 'batch'] as const).map((arm) => {
    const cosines = grid.where({ arm }).records.values('covariate-shift-cosine').filter(Number.isFinite);
    return cosines.length === 0 ? Number.NaN : median(cosines);
  });
  const isStrong =
    interval !== undefined &&
    interval.lower > rule.strongLength &&
    Number(standard) > rule.strongCosine &&
    Number(batch) < rule.strongCosine;
  return [
    `${isStrong ? 'Strong, ' : ''}${name}: the median cosine is ${format3(Number(standard))} without and ${format3(Number(batch))} with batch norm.`,
  ];
}
