/** @file What a reader must know of a twin: it is no copy of the report's numbers, which another build of ONNX Runtime has computed. */

import type { FinishedCell } from '../../records/cell.ts';
import { recordKey, type StepRecord, withProbe } from '../../records/record.ts';
import { formatNumber } from '../../report/format.ts';
import { outcomeWords } from '../../report/html/badge.ts';
import type { StudyResult } from '../../studies/result.ts';
import type { StudyPlan } from '../../studies/study.ts';
import { differencesOf } from './compare-twin.ts';
import type { TwinRecords } from './compute-twin.ts';
import { cellsOfPart, type TwinPart } from './twin-jobs.ts';

/** A study as a report has decided it, from all cells of its plan in their order. */
interface DecidedStudy {
  readonly plan: StudyPlan;
  readonly result: StudyResult;
  readonly cells: readonly FinishedCell[];
}

/** Which cells the twin is of, how many of the report's own numbers are its to the last bit, and what it comes to. @param twin - its numbers */
export function besideText({ plan, result, cells }: DecidedStudy, part: TwinPart, twin: TwinRecords): string {
  const own = cellsOfPart(plan, part, cells).map((cell) => cell.records());
  const isWhole = part.seed === undefined;
  const sentences = isWhole
    ? [numbersText(own, twin, ''), verdictText(plan, result, twin)]
    : [
        `It is of seed ${part.seed} alone, with which ${formatNumber(own.length)} of the ${formatNumber(cells.length)} cells were computed.`,
        numbersText(own, twin, ', and each step of a training makes that larger'),
      ];
  return sentences.join(' ');
}

function verdictText(plan: StudyPlan, { verdict: reported }: StudyResult, twin: TwinRecords): string {
  const { verdict } = plan.decide(twin.map(cellInMemory));
  return verdict === reported
    ? `By the twin’s numbers the verdict is the same, ${outcomeWords[verdict]}.`
    : `By the twin’s numbers the verdict is another: ${outcomeWords[verdict]}, where the report has ${outcomeWords[reported]}.`;
}

/** @param more - what makes differences larger than rounding */
function numbersText(own: TwinRecords, twin: TwinRecords, more: string): string {
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
    `sums were added in another order, and functions such as log rounded otherwise${more}. The furthest off for its size is ${first.quantity}${size}, by ${formatNumber(first.most)}.`
  );
}

/**
 * Whether two records are of the same: where along an axis is left out, since some studies compute that too, and which of its cell's probes has
 * measured it, since a report's cell may hold more.
 */
function isPlaced(record: StepRecord, other: StepRecord | undefined): boolean {
  const placeOf = (one: StepRecord): string => recordKey({ ...withProbe(one, undefined), at: 0 });
  return other !== undefined && placeOf(record) === placeOf(other);
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
