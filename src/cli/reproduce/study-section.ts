/** @file From a study that has run, or has not, to its section of the report. */

import type { JsonObject, JsonValue } from '../../records/canonical-json.ts';
import type { StepRecord } from '../../records/record.ts';
import type { StudySection } from '../../studies/document.ts';
import type { FinishedCell } from '../../records/cell.ts';
import type { JobCell } from '../../cells/job.ts';
import type { StudyResult } from '../../studies/result.ts';
import type { Study, StudyPlan } from '../../studies/study.ts';

/** A cell that has run, beside what was asked for. */
export interface RunCell {
  readonly asked: Pick<JobCell, 'arm' | 'seed' | 'place'>;
  readonly cell: FinishedCell;
}

export interface StudyRun {
  readonly study: Study;
  readonly plan: StudyPlan;
  /** "quick", or "quick, changed" where the protocol was changed by `--set`. */
  readonly budget: string;
  readonly command: string;
  /** What it came to, from all its cells; or why it came to nothing. */
  readonly outcome: StudyOutcome | string;
}

export interface StudyOutcome {
  readonly result: StudyResult;
  readonly cells: readonly RunCell[];
  /** The time that its cells took; undefined where all were found. */
  readonly wallSeconds: number | undefined;
}

export function studySection({ study, plan, budget, command, outcome }: StudyRun): StudySection {
  const { name, title, paper, where, claim } = study;
  const ran = typeof outcome === 'string' ? undefined : outcome;
  return {
    kind: 'study',
    name,
    title,
    paper,
    where,
    claim,
    needsData: study.dataset !== undefined,
    budget,
    result: ran?.result,
    notRun: typeof outcome === 'string' ? outcome : undefined,
    protocol: settingPairs(plan.protocol),
    definitions: definitionsOf(ran?.cells.flatMap(({ cell }) => cell.records()) ?? []),
    command,
    wallSeconds: ran?.wallSeconds,
  };
}

/** Settings as pairs of words, nested ones flattened: what `--set` can change, as it would be written. */
export function settingPairs(settings: JsonObject): readonly (readonly [string, string])[] {
  return Object.entries(settings).map(([key, value]) => [key, settingText(value)] as const);
}

function settingText(value: JsonValue | undefined): string {
  if (Array.isArray(value)) return value.map(settingText).join(', ');
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([key, inner]) => `${key} ${settingText(inner)}`)
      .join(', ');
  }
  return String(value);
}

/** Each definition once, in the order of first use. */
export function definitionsOf(records: readonly StepRecord[]): StudySection['definitions'] {
  const byQuantity = new Map(
    records.map(({ quantity, mode, definition }) => [quantity, { quantity, mode, definition }]),
  );
  return [...byQuantity.values()];
}
