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
  readonly job: (protocol: Protocol, point: Point<Arm, Vary>) => CellJob;
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
      // Seed by seed, so that a run that is stopped early has whole seeds to show.
      const points = Array.from({ length: replicates(protocol) }, (_, seed) =>
        varied
          .flatMap((setting) => arms.map((arm) => ({ ...setting, arm, seed }) as Point<Arm, Vary>))
          .filter((point) => isMade(protocol, point))
          .map((point) => ({ ...point, seed: from + seed }) as Point<Arm, Vary>),
      ).flat();
      return {
        protocol,
        jobs: points.map((point) => job(protocol, point)),
        decide: (cells) =>
          decide(
            new Grid(
              points.flatMap((point, i) => {
                const cell = cells[i];
                return cell === undefined ? [] : [{ point, records: new Records(cell.records()) }];
              }),
            ),
            protocol,
          ),
      };
    },
  };
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
