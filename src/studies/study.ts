/** @file What a study is: the executable test of one claim, with protocol and rule fixed before the first run. */

import type { FinishedCell } from '../records/cell.ts';
import type { JsonObject } from '../records/canonical-json.ts';
import type { CellJob } from '../cells/job.ts';
import type { DatasetName } from '../data/dataset.ts';
import type { PaperKey } from '../papers.ts';
import type { StudyResult } from './result.ts';

/** How much of the published protocol is run: minutes, an hour, or all of it. */
export type Budget = 'quick' | 'standard' | 'paper';

export const budgets: readonly Budget[] = ['quick', 'standard', 'paper'];

/** A study at one budget, ready to run. */
export interface StudyPlan {
  /** Every field of the protocol, resolved; this is what `--set` changes and what a run's config holds. */
  readonly protocol: JsonObject;
  readonly jobs: readonly CellJob[];
  /** The rule: from all finished cells, in the order of the jobs, to a verdict with all that led to it. */
  readonly decide: (cells: readonly FinishedCell[]) => StudyResult;
}

export interface PlanRequest {
  readonly budget: Budget;
  /** In place of the budget's number of seeds. */
  readonly seeds?: number;
  /** In place of the protocol's, where it has one: seeds are counted from it. */
  readonly firstSeed?: number;
  /** `key → value` as given on the command line. */
  readonly set?: Readonly<Record<string, string>>;
}

export interface Study {
  /** "santurkar2018/landscape". */
  readonly name: string;
  readonly title: string;
  readonly paper: PaperKey;
  /** Section or figure. */
  readonly where: string;
  /** One falsifiable sentence. */
  readonly claim: string;
  /** `exact` for those that need no data set. */
  readonly tags: readonly string[];
  /** What its networks are trained on; undefined where it only measures. */
  readonly dataset: DatasetName | undefined;
  /** Every constant of the rule: margins, windows, tolerances. Fixed with the protocol, before the first run. */
  readonly rule: JsonObject;
  readonly plan: (request: PlanRequest) => StudyPlan;
  /** Where a rule was amended after a result was seen, what it was, what came of it and why it is another now, in sentences for the notes. */
  readonly amended?: string;
  /** The smallest budget whose protocol can decide it; default: any. */
  readonly leastBudget?: Budget;
}

/** The budget asked for, or the smallest that can decide the claim. */
export function studyBudget(study: Pick<Study, 'leastBudget'>, budget: Budget): Budget {
  return isBeyond(study, budget) ? (study.leastBudget ?? budget) : budget;
}

/** Whether a budget is too small to decide a claim, which is then not run rather than decided by a toy. */
export function isBeyond({ leastBudget = 'quick' }: Pick<Study, 'leastBudget'>, budget: Budget): boolean {
  return budgets.indexOf(budget) < budgets.indexOf(leastBudget);
}
