/** @file `normscope reproduce`: runs the studies of claims, and writes a report with their verdicts. */

import { Command, Option } from 'commander';
import { assertWritableFolder, makeFolder } from '../records/atomic.ts';
import { createRunFolder } from '../records/run-folder.ts';
import { selectStudies } from '../studies/index.ts';
import { type Budget, budgets } from '../studies/study.ts';
import { describeWork } from './dry-run.ts';
import { exitCodes, interruptSignal } from './failure.ts';
import * as options from './options.ts';
import { print, printJson } from './output.ts';
import { publish } from './publish.ts';
import { trustedDevice } from './trusted-device.ts';
import { type PlannedStudy, reproductionConfig, runStudies } from './reproduction.ts';

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
    .addOption(new Option('--tag <tag...>', 'only claims with these tags').default([], 'none'))
    .addOption(options.setOption('change a field of the protocol'))
    .addOption(options.threadsOption(1))
    .addOption(options.parallelOption())
    .addOption(options.loweringOption())
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
        '  $ normscope reproduce santurkar2018/landscape --budget standard\n' +
        '  $ normscope reproduce landscape --set learningRates=0.05,0.1 --dry-run\n',
    )
    .action(reproduce);
}

async function reproduce(words: readonly string[], given: ReproduceOptions): Promise<void> {
  options.requireTogether(given.resume, given.out, '--resume needs --out DIR, the run to resume');
  const device = await trustedDevice(given);
  const place = {
    root: `${given.runs}/cells`,
    parallel: given.parallel ?? options.defaultParallel(given.threads),
    signal: interruptSignal('the same command goes on where this one stopped'),
    folder: given.data,
  };
  const planned = selectStudies([...words, ...given.tag]).map((study): PlannedStudy => {
    const plan = study.plan({ budget: given.budget, set: given.set, ...(given.seeds && { seeds: given.seeds }) });
    const isChanged = Object.keys(given.set).length > 0;
    const budget = isChanged ? `${given.budget}, changed` : given.budget;
    const specs = plan.cells.map((cell) => ({ ...cell, device }));
    return { study, plan, budget, specs, command: commandText(study.name, given) };
  });
  if (given.dryRun === true) {
    const described = await describeWork(planned, place);
    if (given.json === true) printJson(described.json);
    else print(described.text);
    return;
  }
  makeFolder(given.runs);
  assertWritableFolder(given.runs);
  const config = reproductionConfig(planned, device);
  const folder = createRunFolder(
    given.runs,
    planned.length === 1 ? (planned[0]?.study.name ?? '') : 'reproduce',
    config,
    {
      ...(given.out !== undefined && { out: given.out }),
      resume: given.resume ?? false,
    },
  );
  const { runs, dataset } = await runStudies(planned, { ...place, run: folder, isQuiet: given.json === true });
  const published = publish(folder, runs, { dataset, device, parallel: place.parallel });
  if (given.json === true) printJson(published.json);
  else print(published.text);
  place.signal.throwIfAborted();
  if (given.strict === true && published.verdicts.includes('not-reproduced')) {
    process.exitCode = exitCodes.notReproduced;
  }
}

/** The command that repeats one study as it was asked for. */
function commandText(name: string, { budget, seeds, set }: ReproduceOptions): string {
  const changes = Object.entries(set).map(([key, value]) => `--set ${key}=${value}`);
  const words = ['normscope reproduce', name, `--budget ${budget}`, ...(seeds ? [`--seeds ${seeds}`] : []), ...changes];
  return words.join(' ');
}
