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
  /** How many seeds, 0, 1, …, have cells of their own; default: the protocol's field `seeds`, or one where it has none. */
  readonly replicates?: (protocol: Protocol) => number;
  /** What else varies from cell to cell; default: nothing. */
  readonly vary?: (protocol: Protocol) => Vary;
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
  job,
  decide,
  ...about
}: GridStudy<Protocol, Arm, Vary>): Study {
  return {
    ...about,
    plan: ({ budget, seeds, set = {} }) => {
      const chosen = protocolAt(budget);
      // A study without seeds of its own draws its cases from one; `--seeds` for all studies leaves it as it is.
      const asked = seeds === undefined || !('seeds' in chosen) ? chosen : { ...chosen, seeds };
      const protocol = override(asked, set);
      check?.(protocol);
      checkSeeds(protocol);
      const varied = settingsOf(vary(protocol));
      // Seed by seed, so that a run that is stopped early has whole seeds to show.
      const points = Array.from({ length: replicates(protocol) }, (_, seed) =>
        varied.flatMap((setting) => arms.map((arm) => ({ ...setting, arm, seed }) as Point<Arm, Vary>)),
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

function checkSeeds({ seeds }: JsonObject): void {
  if (seeds === undefined || (Number.isInteger(seeds) && Number(seeds) >= 1)) return;
  throw new SettingError(`A study needs a whole number of seeds, 1 or more, got ${JSON.stringify(seeds)}`);
}
