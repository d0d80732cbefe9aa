/** @file The claims that a command is asked for, with their protocols: the options that say so, and the plans they come to. */

import { type Command, Option } from 'commander';
import { SettingError, unknownName } from '../../errors.ts';
import { selectStudies, studies } from '../../studies/index.ts';
import { type Budget, budgets, isBeyond, type Study, studyBudget, type StudyPlan } from '../../studies/study.ts';
import { datasetName, expectedDataset } from '../expected-dataset.ts';
import * as options from '../options.ts';
import type { PlannedStudy } from './reproduction.ts';

export interface ClaimOptions extends options.DeviceOptions {
  readonly budget: Budget;
  readonly seeds?: number;
  readonly firstSeed?: number;
  readonly tag: readonly string[];
  readonly set: Readonly<Record<string, string>>;
}

/**
 * @param about.example - a command with `--tag` in the order that works
 * @param about.seeds - the options that say which seeds, where they are not of claims alone
 */
export function addClaimOptions(
  command: Command,
  { example, seeds = claimSeeds() }: { readonly example: string; readonly seeds?: readonly [Option, Option] },
): Command {
  return command
    .addOption(new Option('--budget <name>', 'how much of the protocol').choices([...budgets]).default('quick'))
    .addOption(seeds[0])
    .addOption(seeds[1])
    .addOption(
      options.namesOption('--tag <tag...>', 'only claims with these tags', {
        read: tagName,
        argument: 'a claim',
        isArgument: isClaim,
        example,
      }),
    )
    .addOption(options.setOption('change a field of the protocol'));
}

function claimSeeds(): readonly [Option, Option] {
  return [
    new Option('--seeds <n>', 'seeds per arm (default: the budget’s)').argParser(options.wholeNumber(3)),
    new Option('--first-seed <n>', 'of studies that train, the seed to count from (default: 100)').argParser(
      options.wholeNumber(0),
    ),
  ];
}

/** The studies that are asked for, each with its plan. @throws {SettingError} for what there is not, or cannot be. */
export function plannedStudies(words: readonly string[], given: ClaimOptions): readonly PlannedStudy[] {
  const named = chosenStudies(words, given.tag);
  const isChanged = Object.keys(given.set).length > 0;
  if (named.length > 1 && isChanged) {
    throw new SettingError(
      `--set changes the protocol of one claim, but ${named.length} are chosen; name one, as normscope claims lists them`,
    );
  }
  const budget = isChanged ? `${given.budget}, changed` : given.budget;
  return named.map((study) => ({
    study,
    plan: checkedPlan(study, given),
    budget,
    command: commandText(study.name, { ...given, budget: studyBudget(study, given.budget) }),
  }));
}

/** @throws {SettingError} with the nearest known tag. */
function tagName(word: string): string {
  const known = [...new Set(studies.flatMap((study) => study.tags))];
  if (known.includes(word)) return word;
  throw unknownName('tag', word, known);
}

/** Whether a word names claims by itself: one of them, or all of a paper. */
function isClaim(word: string): boolean {
  return studies.some(({ name, paper }) => name === word || paper === word);
}

/** Studies that any of the words names and that have any of the tags. @throws {SettingError} where there is none. */
function chosenStudies(words: readonly string[], tags: readonly string[]): readonly Study[] {
  const chosen = selectStudies(words).filter(
    (study) => tags.length === 0 || tags.some((tag) => study.tags.includes(tag)),
  );
  if (chosen.length > 0) return chosen;
  throw new SettingError(
    `No claim named by ${words.join(' ')} has the tag ${tags.join(' or ')}; leave one of them out`,
  );
}

/** A study's plan, all of whose cells can be trained. @throws {SettingError} for a protocol that cannot be carried out. */
function checkedPlan(study: Study, { budget, seeds, firstSeed, set }: ClaimOptions): StudyPlan {
  const plan = study.plan({
    budget: studyBudget(study, budget),
    set,
    ...(seeds !== undefined && { seeds }),
    ...(firstSeed !== undefined && { firstSeed }),
  });
  // What its least budget asks for is shown, and none of it made, where the budget is too small to decide it.
  if (isBeyond(study, budget)) return { ...plan, jobs: [] };
  for (const job of plan.jobs) {
    job.check(job.dataset === undefined ? undefined : expectedDataset(datasetName(job.dataset)));
  }
  return plan;
}

/** The command that repeats one study as it was asked for. */
function commandText(
  name: string,
  { budget, seeds, firstSeed, set, threads, lowering, convolution }: ClaimOptions,
): string {
  const words = [
    `normscope reproduce ${name} --budget ${budget}`,
    ...(seeds === undefined ? [] : [`--seeds ${seeds}`]),
    ...(firstSeed === undefined ? [] : [`--first-seed ${firstSeed}`]),
    ...Object.entries(set).map(([key, value]) => `--set ${key}=${value}`),
    ...(threads === 1 ? [] : [`--threads ${threads}`]),
    ...(lowering === 'auto' ? [] : [`--lowering ${lowering}`]),
    ...(convolution === undefined ? [] : [`--convolution ${convolution}`]),
  ];
  return words.join(' ');
}
