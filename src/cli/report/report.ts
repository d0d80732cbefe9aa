/** @file `normscope report`: the report of a run again, from its cells; nothing is computed that was measured. */

import { join } from 'node:path';
import { Command, Option } from 'commander';
import { trainingJob } from '../../cells/training.ts';
import type { TrainingSpec } from '../../cells/training-spec.ts';
import type { Dataset } from '../../data/dataset.ts';
import { counted } from '../../counted.ts';
import { need, SettingError, StorageError } from '../../errors.ts';
import type { CheckFiles } from '../../lab/node/checkable-report.ts';
import { openRunFolder, type RecordFormat } from '../../records/node/run-folder.ts';
import { isSweep, readPlan } from '../../sweeps/node/plan-file.ts';
import { cellsRoot } from '../cells-root.ts';
import { type CheckedReport, checkFigures, checkFiguresOption, openChecks } from '../reproduce/check-figures.ts';
import { interruptSignal } from '../failure.ts';
import { formatOption } from '../format-option.ts';
import { addToLedger } from '../ledger/ledger.ts';
import { describeRun, type RunMade } from './manifest.ts';
import { dataOption, jsonOption } from '../options.ts';
import { printJson, printProse } from '../output.ts';
import { problemAgain } from '../run/problem-again.ts';
import { publish } from './publish.ts';
import { runDatasets } from '../run-datasets.ts';
import { publishTraining } from '../run/publish-training.ts';
import {
  type ReproductionConfig,
  runConfig,
  runEvents,
  type RunManifest,
  runManifest,
  runPath,
  runSeconds,
  type TrainingConfig,
} from './stored-run.ts';
import {
  cellsAgain,
  foundCell,
  missingText,
  planAgain,
  reproduceCommandOf,
  wasBeyond,
} from '../reproduce/stored-study.ts';
import { beyondText } from '../reproduce/reproduction.ts';
import { publishSweep } from '../sweep/sweep-report.ts';
import { type StudyRun, studySection } from '../reproduce/study-section.ts';
import { runCommandText } from '../run/run-command.ts';
import { shellWord } from '../../shell-word.ts';

interface ReportOptions {
  readonly runs?: string;
  readonly format: readonly RecordFormat[];
  readonly ledger?: string;
  readonly checkFigures?: boolean;
  readonly data?: string;
  readonly json?: boolean;
}

type Published = Pick<ReturnType<typeof publish>, 'text' | 'json'>;

export function reportCommand(): Command {
  return new Command('report')
    .summary('write the report of a run again')
    .description(
      'Writes report, figures and records of a run again, from the cells that it used, with the rules that decided it. ' +
        'Nothing is trained or measured: after an update of normscope a report is drawn anew, and records ' +
        'are had in other formats. Where a cell is missing, it says which command makes it. With --check-figures ' +
        'figures carry a twin, computed now in WebAssembly, which a reader’s browser computes again and compares to the ' +
        'last bit: all cells of a claim that trains nothing, one seed of one that trains.',
    )
    .argument('<run>', 'the folder of a run, as `normscope reproduce`, `run` and `sweep` print it')
    .addOption(formatOption())
    .addOption(checkFiguresOption())
    .addOption(dataOption())
    .addOption(
      new Option('--ledger [dir]', 'add what its studies came to to the ledger in a folder').preset(
        join('docs', 'results'),
      ),
    )
    .addOption(new Option('--runs <dir>', 'where runs and cells are now (default: where this run had them)'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ normscope report runs/20260301T090507Z-reproduce-0a1b2c3d\n' +
        '  $ normscope report baseline --format json,events    for other programs\n' +
        '  $ normscope report baseline --ledger               keep what came out\n' +
        '  $ normscope report baseline --check-figures        for readers who check\n' +
        '  $ normscope report baseline --runs /mnt/moved/runs  its cells were moved\n',
    )
    .action(async (word: string, given: ReportOptions) => {
      const path = runPath(word);
      const published = isSweep(path) ? reportSweep(path, given) : await reportRun(path, given);
      if (given.json === true) printJson(published.json);
      else printProse(published.text);
    });
}

/** @throws {SettingError} for a sweep of claims, or a ledger, which holds what claims came to */
function reportSweep(path: string, { runs, ledger, format, checkFigures: isChecked }: ReportOptions): Published {
  if (isChecked === true)
    throw new SettingError(
      `Figures of claims can be checked, but ${path} is a sweep of trainings; leave out --check-figures`,
    );
  if (ledger !== undefined)
    throw new SettingError(
      `The ledger holds what claims came to, but ${path} is a sweep of trainings; leave out --ledger`,
    );
  return publishSweep(readPlan(path), format, runs && cellsRoot({ runs }));
}

async function reportRun(
  path: string,
  { runs, ledger, format, checkFigures: isChecked, data }: ReportOptions,
): Promise<Published> {
  const config = runConfig(path);
  const place = { path, root: cellsRoot({ ...(runs !== undefined && { runs }), out: path, resume: true }) };
  return config.command === 'reproduce'
    ? await reportStudies(config, place, { format, ledger, isChecked, data })
    : reportTraining(config, place, { format, ledger, isChecked, data });
}

interface RunPlace {
  readonly path: string;
  /** Where its cells are. */
  readonly root: string;
}

/** What is asked for beside the report itself. */
interface Asked extends Pick<ReportOptions, 'format'> {
  readonly ledger: string | undefined;
  readonly isChecked: boolean | undefined;
  /** A folder with the official files of what is trained on again. */
  readonly data: string | undefined;
}

async function reportStudies(
  config: ReproductionConfig,
  { path, root }: RunPlace,
  { format, ledger, isChecked, data }: Asked,
): Promise<Published> {
  const checks = isChecked === true ? await openChecks() : undefined;
  const repair = reproduceCommandOf(config, path);
  const manifest = endedManifest(path, repair);
  const runs = config.studies.map((stored): StudyRun => {
    const { study, plan } = planAgain(stored);
    const made = manifest.studies?.find(({ name }) => name === stored.name);
    if (made === undefined) {
      throw new StorageError(
        `Cannot report on ${stored.name}: an earlier version of normscope did not note its cells; note them with ${repair}`,
      );
    }
    const { budget } = stored;
    const { command } = made;
    if (wasBeyond(study, stored)) return { study, plan, budget, command, outcome: beyondText(command) };
    const cells = cellsAgain(plan, made, root, repair);
    const result = plan.decide(cells.map(({ cell }) => cell));
    const outcome = { result, cells, wallSeconds: runSeconds(path, stored.name) };
    return { study, plan, budget, command, outcome };
  });
  const made = madeBy(manifest);
  const checked = checks && (await checkedWhole(runs, checks, data));
  const published = publish(openRunFolder(path), runs, runs.map(studySection), made, format, checked);
  if (ledger === undefined) return published;
  const cells = runs.flatMap(({ outcome }) => (typeof outcome === 'string' ? [] : outcome.cells));
  const ended = need(runEvents(path).at(-1), `an event in the log of ${path}`).time;
  const added = addToLedger(ledger, runs, describeRun(made, cells, runs), ended);
  return { ...published, text: `${published.text}\nLedger: ${counted(added, 'entry', 'entries')} added to ${ledger}` };
}

/** What was asked for is written whole, or not at all: the report that is there stays. @throws {InterruptedError} */
async function checkedWhole(
  runs: readonly StudyRun[],
  checks: CheckFiles,
  data: string | undefined,
): Promise<CheckedReport> {
  const signal = interruptSignal('the same command writes the report again');
  const checked = await checkFigures(runs, checks, runDatasets(data, signal).load, signal);
  signal.throwIfAborted();
  return checked;
}

function reportTraining(
  config: TrainingConfig,
  { path, root }: RunPlace,
  { format, ledger, isChecked }: Asked,
): Published {
  if (isChecked === true) {
    throw new SettingError(
      `Figures of claims can be checked, but ${path} is a training of one's own; leave out --check-figures`,
    );
  }
  if (ledger !== undefined) {
    throw new SettingError(
      `The ledger holds what claims came to, but ${path} is a training of one's own; leave out --ledger`,
    );
  }
  const { training, probes, device } = config;
  const problem = problemAgain(config.problem);
  const named = (arm: string): TrainingSpec => ({ arm, problem, training, probes });
  const repair = `${runCommandText(named(''), device)} --out ${shellWord(path)} --resume`;
  const manifest = endedManifest(path, repair);
  const stored = need(manifest.cells[0], `a cell in the manifest of ${path}`);
  const spec = named(stored.arm);
  const [asked] = trainingJob(spec).cells;
  const cell = foundCell(root, stored.hash, asked?.probes ?? []);
  if (cell === undefined) throw new StorageError(missingText(path, [stored.hash], 1, root, repair));
  const trained = { cell, wallSeconds: runSeconds(path) };
  return publishTraining(openRunFolder(path), spec, trained, madeBy(manifest), format);
}

/** @throws {StorageError} where the run has not come to its end. */
function endedManifest(path: string, repair: string): RunManifest {
  const manifest = runManifest(path);
  if (manifest !== undefined) return manifest;
  throw new StorageError(`Cannot write a report of ${path}: it has not come to its end; go on with ${repair}`);
}

function madeBy({ machine, device, selfCheck, parallel, data }: RunManifest): RunMade {
  const datasets = data.map((one) => ({ ...one, name: one.name as Dataset['name'] }));
  return { machine, device, check: selfCheck, parallel, datasets };
}
