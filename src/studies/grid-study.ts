/** @file A study told by what varies: arms × settings × seeds, the job of each point, and the rule for all of them. */

import type { CellJob } from '../cells/job.ts';
import { SettingError } from '../errors.ts';
import type { JsonObject } from '../records/canonical-json.ts';
import { Records } from '../records/records.ts';
import { Grid, type Point, settingsOf, type Varied } from './grid.ts';
import { override } from './overrides.ts';
import type { StudyResult } from './result.ts';
import type { Budget, Study } from './study.ts';

export interface GridStudy<Protocol extends JsonObject, Arm extends string, Vary extends Varied>
  extends Omit<Study, 'plan'> {
  /** The sides of the comparison; any number. */
  readonly arms: readonly Arm[];
  /** Everything that is fixed at a budget, and that `--set` changes. */
  readonly protocol: (budget: Budget) => Protocol;
  /** Throws for a protocol that the rule cannot judge. @throws {SettingError} */
  readonly check?: (protocol: Protocol) => void;
  /**
   * How many seeds have cells of their own, from the protocol's field `firstSeed` on, or from 0 where it has none; default: its
   * field `seeds`, or one where it has none.
   */
  readonly replicates?: (protocol: Protocol) => number;
  /** What else varies from cell to cell; default: nothing. */
  readonly vary?: (protocol: Protocol) => Vary;
  /** Which combinations are made, seeds counted from 0; default: all. */
  readonly isMade?: (protocol: Protocol, point: Point<Arm, Vary>) => boolean;
  /** What makes some points, each of them a cell of the job, in their order. */
  readonly job: (protocol: Protocol, points: readonly [Point<Arm, Vary>, ...Point<Arm, Vary>[]]) => CellJob;
  /** Whether one job makes all seeds of an arm and a setting; default: it makes one point. */
  readonly seedsTogether?: boolean;
  /** The rule. */
  readonly decide: (grid: Grid<Arm, Vary>, protocol: Protocol) => StudyResult;
}

export function gridStudy<Protocol extends JsonObject, Arm extends string, Vary extends Varied>({
  arms,
  protocol: protocolAt,
  check,
  replicates = ({ seeds }) => (typeof seeds === 'number' ? seeds : 1),
  vary = () => ({}) as Vary,
  isMade = () => true,
  job,
  seedsTogether = false,
  decide,
  ...about
}: GridStudy<Protocol, Arm, Vary>): Study {
  return {
    ...about,
    plan: ({ budget, seeds, firstSeed, set = {} }) => {
      const chosen = protocolAt(budget);
      // What a study has no field for leaves it as it is: one without seeds of its own draws its cases from one.
      const asked = Object.entries({ seeds, firstSeed }).filter(([key, value]) => value !== undefined && key in chosen);
      const protocol = override({ ...chosen, ...Object.fromEntries(asked) }, set);
      check?.(protocol);
      const from = checkedSeeds(protocol);
      const varied = settingsOf(vary(protocol));
      const seedsOf = Array.from({ length: replicates(protocol) }, (_, seed) => seed);
      const sides = varied.flatMap((setting) => arms.map((arm) => ({ ...setting, arm })));
      const at = (side: (typeof sides)[number], seed: number): readonly Point<Arm, Vary>[] =>
        isMade(protocol, { ...side, seed } as Point<Arm, Vary>)
          ? [{ ...side, seed: from + seed } as Point<Arm, Vary>]
          : [];
      // Seed by seed, so that a run that is stopped early has whole seeds to show; where they are made together, side by side.
      const groups = seedsTogether
        ? sides.map((side) => seedsOf.flatMap((seed) => at(side, seed)))
        : seedsOf.flatMap((seed) => sides.map((side) => at(side, seed)));
      const made = groups.flatMap((group) => {
        const [first, ...others] = group;
        return first === undefined ? [] : [[first, ...others] as const];
      });
      const points = made.flat();
      return {
        protocol,
        jobs: made.map((group) => job(protocol, [...group])),
        decide: (cells) => {
          const measured = points.flatMap((point, i) => {
            const cell = cells[i];
            return cell === undefined ? [] : [{ point, records: new Records(cell.records()) }];
          });
          const result = decide(new Grid(measured), protocol);
          return { ...result, notes: [...result.notes, ...amendment(about)] };
        },
      };
    },
  };
}

/** What the notes of an amended study end with. */
function amendment({ name, amended }: Pick<Study, 'name' | 'amended'>): readonly string[] {
  if (amended === undefined) return [];
  const kept = `docs/results/superseded/${name.replace('/', '-')}.md`;
  return [`Amended after a first result was seen. ${amended} The rule of then, its hash and its result: ${kept}.`];
}

/** The first seed. @throws {SettingError} for a number of seeds, or a first one, that cannot be. */
function checkedSeeds({ seeds, firstSeed = 0 }: JsonObject): number {
  if (seeds !== undefined && !(Number.isInteger(seeds) && Number(seeds) >= 1)) {
    throw new SettingError(`A study needs a whole number of seeds, 1 or more, got ${JSON.stringify(seeds)}`);
  }
  if (!Number.isInteger(firstSeed) || Number(firstSeed) < 0) {
    throw new SettingError(`The first seed must be a whole number of 0 or more, got ${JSON.stringify(firstSeed)}`);
  }
  return Number(firstSeed);
}
