/** @file From a study that has run, or has not, to its section of the report. */

import type { JsonObject, JsonValue } from '../records/canonical-json.ts';
import type { StepRecord } from '../records/record.ts';
import type { StudySection } from '../studies/document.ts';
import type { FinishedCell } from '../records/cell.ts';
import type { JobCell } from '../cells/job.ts';
import type { StudyResult } from '../studies/result.ts';
import type { Study, StudyPlan } from '../studies/study.ts';

/** A cell that has run, beside what was asked for. */
export interface RunCell {
  readonly asked: JobCell;
  readonly cell: FinishedCell;
}

export interface StudyRun {
  readonly study: Study;
  readonly plan: StudyPlan;
  /** "quick", or "quick, changed" where the protocol was changed by `--set`. */
  readonly budget: string;
  readonly command: string;
  /** All cells, with the time that training took if there was any to do; or why they are not there. */
  readonly outcome: { readonly cells: readonly RunCell[]; readonly wallSeconds: number | undefined } | string;
}

export function studySection({ study, plan, budget, command, outcome: given }: StudyRun): StudySection {
  const { name, title, paper, where, claim } = study;
  const decided = typeof given === 'string' ? given : decide(plan, given.cells);
  const ran = typeof given === 'string' || typeof decided === 'string' ? undefined : given;
  return {
    kind: 'study',
    name,
    title,
    paper,
    where,
    claim,
    needsData: study.dataset !== undefined,
    budget,
    result: typeof decided === 'string' ? undefined : decided,
    notRun: typeof decided === 'string' ? decided : undefined,
    protocol: settingPairs(plan.protocol),
    definitions: definitionsOf(ran?.cells.flatMap(({ cell }) => cell.records()) ?? []),
    command,
    wallSeconds: ran?.wallSeconds,
  };
}

/** What a study came to, or why its rule could not be applied: one that fails leaves the other studies their results. */
function decide(plan: StudyPlan, cells: readonly RunCell[]): StudyResult | string {
  try {
    return plan.decide(cells.map(({ cell }) => cell));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return `its rule could not be applied: ${error.message}`;
  }
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
