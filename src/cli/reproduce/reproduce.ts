/** @file `normscope reproduce`: runs the studies of claims, and writes a report with their verdicts. */

import { Command, Option } from 'commander';
import { loadMissing, probesByHash } from '../../cells/node/run-cells.ts';
import { circumstancesOf } from '../../cells/node/versions.ts';
import { createRunFolder } from '../../records/node/run-folder.ts';
import type { StudySection } from '../../studies/document.ts';
import { checkFigures, checkFiguresOption, openChecks } from './check-figures.ts';
import { addClaimOptions, type ClaimOptions, plannedStudies } from './chosen-claims.ts';
import { describeWork } from './dry-run.ts';
import { exitCodes, interruptSignal } from '../failure.ts';
import { formatOption } from '../format-option.ts';
import * as options from '../options.ts';
import type { RecordFormat } from '../../records/node/run-folder.ts';
import { cellsRoot, sayIfNothingIsLeft, writableRuns } from '../cells-root.ts';
import { print, printJson, printProse } from '../output.ts';
import { publish } from '../report/publish.ts';
import { jobsOf, reproductionConfig, runStudies } from './reproduction.ts';
import { runDatasets } from '../run-datasets.ts';
import { type StudyRun, studySection } from './study-section.ts';
import { plannedDevice, requireMakeable, sweptClaims } from '../sweep/swept-claims.ts';
import { trustedDevice } from '../trusted-device.ts';
import { studyText } from './verdict-text.ts';

interface ReproduceOptions extends ClaimOptions {
  readonly plan?: string;
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
  const command = new Command('reproduce')
    .summary('test claims on real data and write a report')
    .description(
      'Runs the study of each claim: trains both arms on real data over several seeds, applies ' +
        'the rule that was fixed beforehand, and writes one HTML file with the verdicts and all ' +
        'that led to them. What earlier runs have finished is not repeated.',
    )
    .argument('[claim...]', 'claims, papers or tags (see `normscope claims`); all when none is named');
  return addClaimOptions(command, { example: 'normscope reproduce santurkar2018 --tag exact' })
    .addOption(new Option('--plan <file>', 'claims, cells, lowering and threads of a sweep; see `normscope sweep`'))
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
        '  $ normscope reproduce santurkar2018/landscape --set steps=200 --dry-run\n' +
        '  $ normscope reproduce --plan runs/landscape-sweep/plan.json\n',
    )
    .action(reproduce);
}

async function reproduce(words: readonly string[], given: ReproduceOptions, self: Command): Promise<void> {
  // Everything about the request is checked before data are fetched or anything is written.
  options.requireTogether(given.resume, given.out, '--resume needs --out DIR, the run to resume');
  const swept = given.plan === undefined ? undefined : sweptClaims(given.plan, words, self);
  const asked = swept?.device ?? options.deviceFrom(given);
  const planned = swept?.planned ?? plannedStudies(words, given);
  const checks = given.checkFigures === true && given.dryRun !== true ? await openChecks() : undefined;
  const signal = interruptSignal(options.howToGoOn(given));
  const parallel = given.parallel ?? options.defaultParallel(asked.threads);
  const root = swept?.cells ?? cellsRoot(given);
  const runs = given.dryRun === true ? '' : writableRuns(root);
  const datasets = runDatasets(given.data ?? swept?.data, signal);
  const trusted = swept === undefined ? await trustedDevice(asked) : await plannedDevice(swept.device);
  const { device } = trusted;
  const circumstances = circumstancesOf(device, datasets.checksum);
  // All that any claim asks of a cell, so that one which comes later finds it whole.
  const probes = probesByHash(jobsOf(planned), circumstances);
  const place = { root, parallel, signal, circumstances, probes, dataset: datasets.load };
  if (swept !== undefined) requireMakeable(planned, trusted, place);
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
    const checked = checks && (await checkFigures(made, checks, datasets.load, signal));
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
