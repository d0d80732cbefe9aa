/** @file Makes the twin that a report carries: computes a study in WebAssembly, and says what that is beside the report's own numbers. */

import { recordKey, type StepRecord } from '../../records/record.ts';
import type { OpenDevice } from '../../runtime/device.ts';
import { figureAnchor } from '../../report/html/figures.ts';
import { formatNumber } from '../../report/format.ts';
import { outcomeWords } from '../../report/html/badge.ts';
import type { FinishedCell } from '../../records/cell.ts';
import type { StudyResult } from '../../studies/result.ts';
import type { PlanRequest, Study, StudyPlan } from '../../studies/study.ts';
import { differencesOf } from './compare-twin.ts';
import { computeTwin, type TwinProgress, type TwinRecords } from './compute-twin.ts';
import { fingerprintOf } from './fingerprint.ts';
import { canBeChecked, secondsOf, storedNumber, type Twin } from './twin.ts';

/** A study as a report shows it. */
export interface ShownStudy {
  readonly study: Pick<Study, 'name' | 'dataset'>;
  readonly plan: StudyPlan;
  /** What plans it again. */
  readonly request: PlanRequest;
  readonly result: StudyResult;
  /** The cells that it was decided by, in the order of the plan's. */
  readonly cells: readonly FinishedCell[];
}

/** The figures of a study that are drawn from its numbers, and can be checked: none of a study that no browser can compute. */
export function checkedFigures({ study, plan, result }: Omit<ShownStudy, 'request' | 'cells'>): readonly string[] {
  if (!canBeChecked(study, plan)) return [];
  return result.figures.flatMap((figure) => (figure.view === 'diagram' ? [] : [figureAnchor(figure)]));
}

/**
 * @param openDevice - starts devices on ONNX Runtime in WebAssembly
 * @throws {InterruptedError} by way of the signal's reason
 */
export async function makeTwin(
  shown: ShownStudy,
  openDevice: OpenDevice,
  report?: (progress: TwinProgress) => void,
  signal?: AbortSignal,
): Promise<Twin> {
  const { study, plan, request } = shown;
  const cells = await computeTwin(plan, openDevice, report, signal);
  return {
    study: study.name,
    request,
    protocol: plan.protocol,
    figures: checkedFigures(shown),
    fingerprint: fingerprintOf(cells),
    values: cells.flat().map(({ value }) => storedNumber(value)),
    seconds: secondsOf(plan),
    beside: besideText(shown, cells),
  };
}

/** What a reader must know of the twin: it is no copy of the report's numbers, which another build of ONNX Runtime has computed. */
export function besideText({ plan, result, cells: own }: ShownStudy, cells: TwinRecords): string {
  const numbers = numbersText(
    own.map((cell) => cell.records()),
    cells,
  );
  const { verdict } = plan.decide(cells.map(cellInMemory));
  const word = outcomeWords[verdict];
  const judged =
    verdict === result.verdict
      ? `By the twin’s numbers the verdict is the same, ${word}.`
      : `By the twin’s numbers the verdict is another: ${word}, where the report has ${outcomeWords[result.verdict]}.`;
  return `${numbers} ${judged}`;
}

function numbersText(own: TwinRecords, twin: TwinRecords): string {
  const [report, again] = [own.flat(), twin.flat()];
  const isAlike = report.length === again.length && report.every((record, i) => isPlaced(record, again[i]));
  if (!isAlike)
    return `The twin has ${formatNumber(again.length)} numbers, the report ${formatNumber(report.length)}, and not all are of the same.`;
  const pairs = report.map(({ quantity, value }, i) => ({
    quantity,
    expected: value,
    value: again[i]?.value ?? value,
  }));
  const differences = differencesOf(pairs);
  const [first] = differences;
  if (first === undefined) return 'The report’s own numbers are the twin’s, to the last bit.';
  const others = differences.reduce((sum, { count }) => sum + count, 0);
  const size = first.size === 0 ? '' : `, whose largest is ${formatNumber(first.size)}`;
  return (
    `Of the report’s own numbers ${formatNumber(report.length - others)} are the twin’s to the last bit, and ${formatNumber(others)} are not: ` +
    `sums were added in another order, and functions such as log rounded otherwise. The furthest off for its size is ${first.quantity}${size}, by ${formatNumber(first.most)}.`
  );
}

/** Whether two records are of the same: where along an axis is left out, since some studies compute that too. */
function isPlaced(record: StepRecord, other: StepRecord | undefined): boolean {
  return other !== undefined && recordKey({ ...record, at: 0 }) === recordKey({ ...other, at: 0 });
}

/** A finished cell that is in memory alone, as a rule reads it. */
export function cellInMemory(records: readonly StepRecord[]): FinishedCell {
  return {
    hash: '',
    folder: '',
    config: {},
    probes: [],
    summary: {},
    holds: () => true,
    records: () => [...records],
    allRecords: () => [...records],
    checkpoint: () => undefined,
  };
}
