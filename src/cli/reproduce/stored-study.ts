/** @file The studies of a run, planned again as its `config.json` has them, with the cells that its manifest names. */

import { cellText } from '../../cells/job.ts';
import { counted } from '../../counted.ts';
import { DataError, StorageError } from '../../errors.ts';
import { canonicalJson, type JsonObject, type JsonValue } from '../../records/canonical-json.ts';
import type { HeldProbe, FinishedCell } from '../../records/cell.ts';
import { openCell } from '../../records/node/cell-folder.ts';
import { findStudy } from '../../studies/index.ts';
import {
  type Budget,
  budgets,
  isBeyond,
  type PlanRequest,
  type Study,
  studyBudget,
  type StudyPlan,
} from '../../studies/study.ts';
import type { ReproductionConfig, StoredCell, StoredStudy } from '../report/stored-run.ts';
import type { RunCell } from './study-section.ts';
import { shellWord } from '../../shell-word.ts';

type StudyConfig = ReproductionConfig['studies'][number];

/** A study with the very protocol of the run. @throws {DataError} where it, or its rule, is another one by now. */
export function planAgain(stored: StudyConfig): { readonly study: Study; readonly plan: StudyPlan } {
  const study = findStudy(stored.name);
  const plan = study.plan(planRequestOf(stored));
  for (const [what, now, then] of [
    ['rule', study.rule, stored.rule],
    ['protocol', plan.protocol, stored.protocol],
  ] as const) {
    if (canonicalJson(now) === canonicalJson(then)) continue;
    throw new DataError(
      `Cannot decide ${stored.name} as this run did: its ${what} has changed since; ` +
        `normscope reproduce ${stored.name} decides it as it is now`,
    );
  }
  return { study, plan };
}

/** What plans a study with the protocol that a run has stored: the same however the run was asked for. */
export function planRequestOf(stored: Omit<StudyConfig, 'rule'>): PlanRequest {
  return { budget: studyBudget(findStudy(stored.name), budgetOf(stored)), set: changesOf(stored) };
}

/** Whether the budget of the run could not decide it, so that none of its cells were made. */
export function wasBeyond(study: Study, stored: StudyConfig): boolean {
  return isBeyond(study, budgetOf(stored));
}

/**
 * The cells of a plan, found by the hashes that the run noted, whatever code there is now.
 * @param repair - the command that makes what is missing
 * @throws {StorageError} where some are missing. @throws {DataError} where the study has other cells by now.
 */
export function cellsAgain(
  plan: StudyPlan,
  { name, cells: stored }: StoredStudy,
  root: string,
  repair: string,
): readonly RunCell[] {
  const asked = plan.jobs.flatMap(({ cells }) => cells);
  if (stored.length === 0) {
    throw new StorageError(`Cannot report on ${name}: it did not come to its end in this run; go on with ${repair}`);
  }
  const pairs = asked.map((cell, i) => ({ cell, stored: stored[i] }));
  if (stored.length !== asked.length || pairs.some(({ cell, stored: one }) => !isSame(cell, one))) {
    throw new DataError(
      `Cannot report on ${name}: it has other cells now than in this run; normscope reproduce ${name} makes them`,
    );
  }
  const found = pairs.map(({ cell, stored: one }) => ({
    asked: cell,
    cell: one && foundCell(root, one.hash, cell.probes),
  }));
  const missing = found.filter(({ cell }) => cell === undefined);
  if (missing.length === 0) return found.flatMap(({ asked: one, cell }) => (cell ? [{ asked: one, cell }] : []));
  throw new StorageError(
    missingText(
      name,
      missing.map((one) => cellText(one.asked)),
      asked.length,
      root,
      repair,
    ),
  );
}

/** A whole cell with these probes; undefined where it is not there. */
export function foundCell(root: string, hash: string, probes: readonly HeldProbe[]): FinishedCell | undefined {
  return openCell(root, hash).maybeFinished(probes);
}

/** "Cannot report on …: runs/cells lacks 2 of its 6 cells (batch, seed 1; batch, seed 2); make them with …". */
export function missingText(
  name: string,
  missing: readonly string[],
  all: number,
  root: string,
  repair: string,
): string {
  const shown = missing.slice(0, 3).join('; ');
  const more = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
  return (
    `Cannot report on ${name}: ${root} lacks ${missing.length} of its ${counted(all, 'cell')} (${shown}${more}); ` +
    `make them with ${repair}, or say with --runs DIR where they are`
  );
}

/** The command that goes on with a run of studies in its folder. */
export function reproduceCommandOf({ device, studies }: ReproductionConfig, path: string): string {
  const [first] = studies;
  // Of several, only seeds can have been changed, and of all alike.
  const changes = [...new Set(studies.flatMap(changeWords))];
  const words = [
    `normscope reproduce ${studies.map(({ name }) => name).join(' ')}`,
    ...(first === undefined ? [] : [`--budget ${budgetOf(first)}`]),
    ...changes,
    `--threads ${device.threads} --lowering ${device.lowering} --convolution ${device.convolution}`,
    `--out ${shellWord(path)} --resume`,
  ];
  return words.join(' ');
}

/** "quick" of "quick, changed". */
function budgetOf({ budget, name }: Omit<StudyConfig, 'rule'>): Budget {
  const found = budgets.find((known) => known === budget.split(',')[0]);
  if (found === undefined)
    throw new DataError(`The budget of ${name} must be one of ${budgets.join(', ')}, got ${budget}`);
  return found;
}

/** What a protocol has in place of its budget's, as `--set` takes it. */
function changesOf(stored: Omit<StudyConfig, 'rule'>): Readonly<Record<string, string>> {
  const study = findStudy(stored.name);
  const usual = study.plan({ budget: studyBudget(study, budgetOf(stored)) }).protocol;
  const changed = Object.entries(stored.protocol).filter(
    ([key, value]) => usual[key] !== undefined && canonicalJson(usual[key]) !== canonicalJson(value),
  );
  return Object.fromEntries(changed.map(([key, value]) => [key, settingWord(value)]));
}

/** Seeds have options of their own, which leave the budget's name as it is. */
const seedOptions: Readonly<Record<string, string>> = { seeds: '--seeds', firstSeed: '--first-seed' };

function changeWords(stored: StudyConfig): readonly string[] {
  const isChanged = stored.budget.includes('changed');
  return Object.entries(changesOf(stored)).map(([key, word]) =>
    !isChanged && key in seedOptions ? `${seedOptions[key]} ${word}` : `--set ${key}=${word}`,
  );
}

function settingWord(value: JsonValue | undefined): string {
  return Array.isArray(value) ? value.join(',') : typeof value === 'string' ? value : canonicalJson(value ?? null);
}

function isSame(
  asked: { readonly arm: string; readonly seed: number; readonly place: JsonObject },
  stored: StoredCell | undefined,
): boolean {
  const { arm, seed, place } = asked;
  return (
    stored !== undefined &&
    canonicalJson({ arm, seed, place }) === canonicalJson({ arm: stored.arm, seed: stored.seed, place: stored.setting })
  );
}
