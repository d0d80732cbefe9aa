/** @file `normscope reproduce`: runs the studies of claims, and writes a report with their verdicts. */

import { Command, Option } from 'commander';
import { loadMissing, probesByHash } from '../cells/node/run-cells.ts';
import { circumstancesOf } from '../cells/node/versions.ts';
import { SettingError, unknownName } from '../errors.ts';
import { createRunFolder } from '../records/node/run-folder.ts';
import { selectStudies, studies } from '../studies/index.ts';
import { type Budget, budgets, isBeyond, type Study, studyBudget, type StudyPlan } from '../studies/study.ts';
import type { StudySection } from '../studies/document.ts';
import { checkFigures, checkFiguresOption, openChecks } from './check-figures.ts';
import { describeWork } from './dry-run.ts';
import { datasetName, expectedDataset } from './expected-dataset.ts';
import { exitCodes, interruptSignal } from './failure.ts';
import { formatOption } from './format-option.ts';
import * as options from './options.ts';
import type { RecordFormat } from '../records/node/run-folder.ts';
import { cellsRoot, sayIfNothingIsLeft, writableRuns } from './cells-root.ts';
import { print, printJson, printProse } from './output.ts';
import { publish } from './publish.ts';
import { jobsOf, type PlannedStudy, reproductionConfig, runStudies } from './reproduction.ts';
import { runDatasets } from './run-datasets.ts';
import { type StudyRun, studySection } from './study-section.ts';
import { trustedDevice } from './trusted-device.ts';
import { studyText } from './verdict-text.ts';

export interface ReproduceOptions extends options.DeviceOptions {
  readonly budget: Budget;
  readonly seeds?: number;
  readonly firstSeed?: number;
  readonly tag: readonly string[];
  readonly set: Readonly<Record<string, string>>;
  readonly parallel?: number;
  readonly runs?: string;
  readonly out?: string;
  readonly resume?: boolean;
  readonly data?: string;
  readonly dryRun?: boolean;
  readonly strict?: boolean;
  readonly format: readonly RecordFormat[];
  readonly checkFigures?: boolean;
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
      new Option('--first-seed <n>', 'of studies that train, the seed to count from (default: 100)').argParser(
        options.wholeNumber(0),
      ),
    )
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
    .addOption(formatOption())
    .addOption(checkFiguresOption())
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
  const checks = given.checkFigures === true && given.dryRun !== true ? await openChecks() : undefined;
  const signal = interruptSignal(options.howToGoOn(given));
  const parallel = given.parallel ?? options.defaultParallel(given.threads);
  const root = cellsRoot(given);
  const runs = given.dryRun === true ? '' : writableRuns(root);
  const datasets = runDatasets(given.data, signal);
  const trusted = await trustedDevice(asked);
  const { device } = trusted;
  const budget = Object.keys(given.set).length > 0 ? `${given.budget}, changed` : given.budget;
  const planned = chosen.map(
    ({ study, plan }): PlannedStudy => ({
      study,
      plan,
      budget,
      command: commandText(study.name, { ...given, budget: studyBudget(study, given.budget) }),
    }),
  );
  const circumstances = circumstancesOf(device, datasets.checksum);
  // All that any claim asks of a cell, so that one which comes later finds it whole.
  const probes = probesByHash(jobsOf(planned), circumstances);
  const place = { root, parallel, signal, circumstances, probes, dataset: datasets.load };
  if (given.dryRun === true) {
    const described = await describeWork(planned, place);
    if (given.json === true) printJson(described.json);
    else printProse(described.text);
    return;
  }
  // The first data set, before there is a folder: where it is not to be had, nothing is left behind.
  for (const { plan } of planned.slice(0, 1)) await loadMissing({ ...place, jobs: plan.jobs });
  const [only, ...others] = planned;
  const name = only !== undefined && others.length === 0 ? only.study.name : 'reproduce';
  sayIfNothingIsLeft(given, { ...place, jobs: jobsOf(planned) });
  const folder = createRunFolder(runs, name, reproductionConfig(planned, device), {
    out: given.out,
    resume: given.resume,
    cells: root,
  });
  const detail = others.length === 0 ? 'whole' : 'sentence';
  // Each is decided once, as it ends.
  const sections: StudySection[] = [];
  const onStudy = (run: StudyRun): void => {
    const section = studySection(run);
    sections.push(section);
    if (given.json !== true) print(studyText(section, detail, process.stdout));
  };
  await folder.whileUnfinished(async () => {
    const { runs: made, failure } = await runStudies(planned, { ...place, run: folder, onStudy });
    const about = await datasets.about(jobsOf(planned).flatMap(({ dataset }) => dataset ?? []));
    const checked = checks && (await checkFigures(made, checks, signal));
    const published = publish(folder, made, sections, { datasets: about, ...trusted, parallel }, given.format, checked);
    if (given.json === true) printJson(published.json);
    else printProse(published.text);
    signal.throwIfAborted();
    if (failure !== undefined) throw failure;
    if (given.strict === true && published.verdicts.includes('not-reproduced')) {
      process.exitCode = exitCodes.notReproduced;
    }
  });
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
function checkedPlan(study: Study, { budget, seeds, firstSeed, set }: ReproduceOptions): StudyPlan {
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
  { budget, seeds, firstSeed, set, threads, lowering, convolution }: ReproduceOptions,
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
