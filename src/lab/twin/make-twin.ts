/** @file Makes the twin that a report carries: computes cells of a study in WebAssembly, and says what they are beside the report's own. */

import { datasets } from '../../data/datasets.ts';
import { need } from '../../errors.ts';
import { figureAnchor } from '../../report/html/figures.ts';
import type { FinishedCell } from '../../records/cell.ts';
import type { StudyResult } from '../../studies/result.ts';
import type { PlanRequest, Study, StudyPlan } from '../../studies/study.ts';
import { besideText } from './beside-text.ts';
import { twinData } from './chosen-dataset.ts';
import { computeTwin, type TwinBench, twinWorkbench } from './compute-twin.ts';
import { fingerprintOf } from './fingerprint.ts';
import { MOST_SECONDS, storedNumber, type Twin } from './twin.ts';
import { secondsOf, twinPart } from './twin-jobs.ts';

/** A study as a report shows it. */
export interface ShownStudy {
  readonly study: Pick<Study, 'name'>;
  readonly plan: StudyPlan;
  /** What plans it again. */
  readonly request: PlanRequest;
  readonly result: StudyResult;
  /** The cells that it was decided by, in the order of the plan's. */
  readonly cells: readonly FinishedCell[];
}

/** The figures of a study that are drawn from its numbers, and can be checked. */
export function checkedFigures({ result }: Pick<ShownStudy, 'result'>): readonly string[] {
  return result.figures.flatMap((figure) => (figure.view === 'diagram' ? [] : [figureAnchor(figure)]));
}

/**
 * @param bench - with the data set that `twinPart` names
 * @returns undefined where a browser would take too long
 * @throws {DataError} where it needs a data set, and there is none
 * @throws {InterruptedError} by way of the signal's reason
 */
export async function makeTwin(shown: ShownStudy, bench: TwinBench): Promise<Twin | undefined> {
  const { study, plan, request } = shown;
  const part = twinPart(plan);
  const seconds = await secondsOf(part, (job) => twinWorkbench(job, bench));
  if (seconds > MOST_SECONDS) return undefined;
  const cells = await computeTwin(part, bench);
  const { dataset } = bench;
  const definition = Object.values(datasets).find(({ name }) => name === part.dataset);
  return {
    study: study.name,
    request,
    protocol: plan.protocol,
    figures: checkedFigures(shown),
    data: definition && twinData(definition, need(dataset, 'the data set of a twin that trains').checksum),
    fingerprint: fingerprintOf(cells),
    values: cells.flat().map(({ value }) => storedNumber(value)),
    seconds,
    beside: besideText(shown, part, cells),
  };
}
