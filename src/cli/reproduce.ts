/** @file `normscope reproduce`: runs the studies of claims, and writes a report with their verdicts. */

import { Command, Option } from 'commander';
import { SettingError, unknownName } from '../errors.ts';
import { assertWritableFolder, makeFolder } from '../records/node/atomic.ts';
import { createRunFolder } from '../records/node/run-folder.ts';
import { selectStudies, studies } from '../studies/index.ts';
import { type Budget, budgets, type Study, type StudyPlan } from '../studies/study.ts';
import { checkTraining } from '../train/training-settings.ts';
import type { StudySection } from '../studies/document.ts';
import { describeWork } from './dry-run.ts';
import { datasetName, expectedDataset } from './expected-dataset.ts';
import { exitCodes, interruptSignal } from './failure.ts';
import * as options from './options.ts';
import { print, printJson, printProse } from './output.ts';
import { publish } from './publish.ts';
import { datasetOpener, type PlannedStudy, reproductionConfig, runStudies, studyDataset } from './reproduction.ts';
import { type StudyRun, studySection } from './study-section.ts';
import { trustedDevice } from './trusted-device.ts';
import { studyText } from './verdict-text.ts';

export interface ReproduceOptions extends options.DeviceOptions {
  readonly budget: Budget;
  readonly seeds?: number;
  readonly tag: readonly string[];
  readonly set: Readonly<Record<string, string>>;
  readonly parallel?: number;
  readonly runs: string;
  readonly out?: string;
  readonly resume?: boolean;
  readonly data?: string;
  readonly dryRun?: boolean;
  readonly strict?: boolean;
  readonly json?: boolean;
}

export function reproduceCommand(): Command {
  return new Command('reproduce')
    .summary('test claims on real data and write a report')
    .description(
      'Runs the study of each claim: trains both arms on real data over several seeds, applies ' +
        'the rule that was fixed beforehand, and writes one HTML file with the verdicts and all ' +
        'that led to them. What earlier runs have finished is not repeated.',
    )
    .argument('[claim...]', 'claims, papers or tags (see `normscope claims`); all when none is named')
    .addOption(new Option('--budget <name>', 'how much of the protocol').choices([...budgets]).default('quick'))
    .addOption(new Option('--seeds <n>', 'seeds per arm (default: the budget’s)').argParser(options.wholeNumber(3)))
    .addOption(
      options.namesOption('--tag <tag...>', 'only claims with these tags', {
        read: tagName,
        argument: 'a claim',
        isArgument: isClaim,
        example: 'normscope reproduce santurkar2018 --tag exact',
      }),
    )
    .addOption(options.setOption('change a field of the protocol'))
    .addOption(options.threadsOption(1))
    .addOption(options.parallelOption())
    .addOption(options.loweringOption())
    .addOption(options.convolutionOption())
    .addOption(options.runsOption())
    .addOption(options.outOption())
    .addOption(options.resumeOption())
    .addOption(options.dataOption())
    .addOption(new Option('--dry-run', 'say what would run, and for how long'))
    .addOption(new Option('--strict', 'end with code 3 where a claim is not reproduced'))
    .addOption(options.jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ normscope reproduce\n' +
        '  $ normscope reproduce --tag exact\n' +
        '  $ normscope reproduce santurkar2018/landscape --budget standard\n' +
        '  $ normscope reproduce landscape --set learningRates=0.05,0.1 --dry-run\n',
    )
    .action(reproduce);
}

async function reproduce(words: readonly string[], given: ReproduceOptions): Promise<void> {
  // Everything about the request is checked before data are fetched or anything is written.
  options.requireTogether(given.resume, given.out, '--resume needs --out DIR, the run to resume');
  const asked = options.deviceFrom(given);
  const named = chosenStudies(words, given.tag);
  if (named.length > 1 && Object.keys(given.set).length > 0) {
    throw new SettingError(
      `--set changes the protocol of one claim, but ${named.length} are chosen; name one, as normscope claims lists them`,
    );
  }
  const chosen = named.map((study) => ({ study, plan: checkedPlan(study, given) }));
  const place = {
    root: `${given.runs}/cells`,
    parallel: given.parallel ?? options.defaultParallel(given.threads),
    signal: interruptSignal(options.howToGoOn(given)),
  };
  if (given.dryRun !== true) {
    makeFolder(given.runs);
    assertWritableFolder(given.runs);
  }
  const open = datasetOpener(given.data, place.signal);
  // The first data set, before there is a folder: where it is not to be had, nothing is left behind.
  for (const first of chosen.slice(0, 1)) await open(first);
  const trusted = await trustedDevice(asked);
  const { device } = trusted;
  const budget = Object.keys(given.set).length > 0 ? `${given.budget}, changed` : given.budget;
  const planned = chosen.map(({ study, plan }): PlannedStudy => {
    const specs = plan.cells.map((cell) => ({ ...cell, device }));
    return { study, plan, budget, specs, command: commandText(study.name, given) };
  });
  if (given.dryRun === true) {
    const described = await describeWork(planned, { ...place, open });
    if (given.json === true) printJson(described.json);
    else printProse(described.text);
    return;
  }
  const [only, ...others] = planned;
  const name = only !== undefined && others.length === 0 ? only.study.name : 'reproduce';
  const folder = createRunFolder(given.runs, name, reproductionConfig(planned, device), {
    ...(given.out !== undefined && { out: given.out }),
    resume: given.resume ?? false,
  });
  const detail = others.length === 0 ? 'whole' : 'sentence';
  // Each is decided once, as it ends.
  const sections: StudySection[] = [];
  const onStudy = (run: StudyRun): void => {
    const section = studySection(run);
    sections.push(section);
    if (given.json !== true) print(studyText(section, detail, process.stdout));
  };
  const { runs, dataset, failure } = await runStudies(planned, { ...place, open, run: folder, onStudy });
  const published = publish(folder, runs, sections, { dataset, ...trusted, parallel: place.parallel });
  if (given.json === true) printJson(published.json);
  else printProse(published.text);
  place.signal.throwIfAborted();
  if (failure !== undefined) throw failure;
  if (given.strict === true && published.verdicts.includes('not-reproduced')) {
    process.exitCode = exitCodes.notReproduced;
  }
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
function checkedPlan(study: Study, { budget, seeds, set }: ReproduceOptions): StudyPlan {
  const plan = study.plan({ budget, set, ...(seeds !== undefined && { seeds }) });
  const data = studyDataset({ study, plan });
  if (data === undefined) return plan;
  const expected = expectedDataset(datasetName(data));
  for (const cell of plan.cells) if ('training' in cell) checkTraining(cell.problem, cell.training, expected);
  return plan;
}

/** The command that repeats one study as it was asked for. */
function commandText(name: string, { budget, seeds, set, threads, lowering, convolution }: ReproduceOptions): string {
  const words = [
    `normscope reproduce ${name} --budget ${budget}`,
    ...(seeds === undefined ? [] : [`--seeds ${seeds}`]),
    ...Object.entries(set).map(([key, value]) => `--set ${key}=${value}`),
    ...(threads === 1 ? [] : [`--threads ${threads}`]),
    ...(lowering === 'auto' ? [] : [`--lowering ${lowering}`]),
    ...(convolution === undefined ? [] : [`--convolution ${convolution}`]),
  ];
  return words.join(' ');
}
