/** @file `normscope ceiling`: the largest learning rate that a network's training survives, with an interval over seeds. */

import { Command, Option } from 'commander';
import { ceilingJob, type CeilingSpec } from '../cells/ceiling.ts';
import { type CellsRequest, loadMissing, runCells } from '../cells/node/run-cells.ts';
import { circumstancesOf } from '../cells/node/versions.ts';
import { need, SettingError } from '../errors.ts';
import { Records } from '../records/records.ts';
import {
  type Ceilings,
  type Confirmation,
  ceilingsOf,
  ceilingText,
  confirmationOf,
  ratesAround,
  type SeedRecords,
} from './ceiling-text.ts';
import { cellsRoot, writableRuns } from './cells-root.ts';
import { interruptSignal } from './failure.ts';
import {
  addFileOptions,
  armOf,
  type ChosenNetwork,
  chosenNetwork,
  type FileNetworkOptions,
  modelArgument,
} from './run/chosen-network.ts';
import { addNetworkOptions, type NetworkOptions } from './run/network-options.ts';
import * as options from './options.ts';
import { printJson, printProse } from './output.ts';
import { createProgressLine, TimeLeft } from './progress.ts';
import { runDatasets } from './run-datasets.ts';
import {
  addOptimiserOptions,
  optimiserFrom,
  type OptimiserOptions,
  requireOptionsOfOptimiser,
} from './run/training-options.ts';
import { trustedDevice } from './trusted-device.ts';

interface CeilingOptions extends NetworkOptions, FileNetworkOptions, OptimiserOptions, options.DeviceOptions {
  readonly steps: number;
  readonly seeds: number;
  readonly firstSeed: number;
  readonly from: number;
  readonly ratio: number;
  readonly confirm: number;
  readonly parallel?: number;
  readonly augment?: boolean;
  readonly runs?: string;
  readonly data?: string;
  readonly json?: boolean;
}

/** Rates beyond are of no use to anyone: a ceiling there is told by one end alone. */
const [LEAST, MOST] = [1e-7, 1e4] as const;

export function ceilingCommand(): Command {
  const command = new Command('ceiling')
    .summary('find the largest learning rate that training survives')
    .description(
      'Searches by bisection for the largest constant learning rate at which a network trains without diverging: a short ' +
        'training holds where no loss is beyond 1000 times the first (or 1000, if that is more), and its last losses are on average no larger than ' +
        'those of the untrained network, and its predictions still differ. Each seed has a ceiling of its own; what is printed is their geometric mean with its 95 % ' +
        'interval. Then rates just below the smallest and just above the largest are tried on further seeds.',
    )
    .argument('<model>', modelArgument())
    .addOption(new Option('--steps <n>', 'training steps of a trial').argParser(options.wholeNumber(5)).default(100))
    .addOption(new Option('--seeds <n>', 'seeds, each searched by itself').argParser(options.wholeNumber(2)).default(6))
    .addOption(
      new Option('--first-seed <n>', 'the seed to count from')
        .argParser(options.wholeNumber(0, options.MOST_SEED))
        .default(0),
    )
    .addOption(
      new Option('--from <rate>', 'the rate that is tried first').argParser(options.decimalNumber).default(0.1),
    )
    .addOption(
      new Option('--ratio <x>', 'how close the rates end between which a ceiling lies')
        .argParser(options.decimalNumber)
        .default(1.2),
    )
    .addOption(
      new Option('--confirm <n>', 'further seeds that try what was found; 0 for none')
        .argParser(options.wholeNumber(0))
        .default(3),
    );
  return addOptimiserOptions(addFileOptions(addNetworkOptions(command)))
    .addOption(new Option('--augment', 'pad, crop and flip (default: for cifar10)'))
    .addOption(new Option('--no-augment', 'images as they are'))
    .addOption(options.threadsOption(1))
    .addOption(options.parallelOption())
    .addOption(options.loweringOption())
    .addOption(options.convolutionOption())
    .addOption(options.runsOption())
    .addOption(options.dataOption())
    .addOption(options.jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ normscope ceiling mlp --norm none\n' +
        '  $ normscope ceiling vgg11 --width 0.25 --norm none --momentum 0\n' +
        '  $ normscope ceiling resnet20 --norm batch --steps 50 --seeds 10 --json\n',
    )
    .action((model: string, given: CeilingOptions, self: Command) => {
      requireOptionsOfOptimiser(self, given);
      return ceiling(model, given, self);
    });
}

async function ceiling(name: string, given: CeilingOptions, self: Command): Promise<void> {
  const { seeds, firstSeed, from, ratio, confirm } = given;
  if (from < LEAST || from > MOST)
    throw new SettingError(`--from must lie in ${LEAST} … ${MOST}, got ${from}; try 0.1`);
  const signal = interruptSignal('the same command goes on with the seeds that are left');
  const datasets = runDatasets(given.data, signal);
  const chosen = await chosenNetwork(name, given, self, datasets.load);
  if (chosen.fed !== undefined) createProgressLine().say(`${name} is fed ${chosen.fed}`);
  const root = cellsRoot(given);
  writableRuns(root);
  const { device } = await trustedDevice(options.deviceFrom(given));
  const circumstances = circumstancesOf(device, datasets.checksum);
  const request = {
    circumstances,
    root,
    signal,
    parallel: given.parallel ?? options.defaultParallel(given.threads),
    dataset: datasets.load,
  };
  const specOf = specsFor(chosen, given);
  const of = async (rates: CeilingSpec['rates'], first: number, count: number): Promise<readonly SeedRecords[]> => {
    const specs = Array.from({ length: count }, (_, i) => specOf(rates, first + i));
    return recordsOf(specs, request);
  };
  const found = ceilingsOf(await of({ from, ratio, least: LEAST, most: MOST }, firstSeed, seeds));
  const around = ratesAround(found, ratio);
  const confirmation =
    confirm === 0 || around === undefined
      ? undefined
      : confirmationOf(around, await of([around.below, around.above], firstSeed + seeds, confirm));
  say(given, name, chosen.problem.about.norm, found, confirmation);
}

function say(
  given: CeilingOptions,
  model: string,
  norm: string,
  found: Ceilings,
  confirmation: Confirmation | undefined,
): void {
  if (given.json === true) printJson({ model, norm, steps: given.steps, ...found, confirmation });
  else printProse(ceilingText(`${model}, norm ${norm}, ${given.steps} steps of a trial`, found, confirmation));
}

/** A cell of one seed. */
function specsFor(
  { problem, dataset }: ChosenNetwork,
  given: CeilingOptions,
): (rates: CeilingSpec['rates'], seed: number) => CeilingSpec {
  const training = {
    dataset,
    batchSize: given.batch,
    steps: given.steps,
    augment: given.augment ?? dataset === 'cifar10',
    optimiser: optimiserFrom(given),
    schedule: { kind: 'constant' },
  } as const;
  const arm = armOf(problem);
  return (rates, seed) => ({ arm, problem, training: { ...training, seed }, rates });
}

/** Of each spec in their order; what is there is not made again. */
async function recordsOf(
  specs: readonly CeilingSpec[],
  request: Omit<CellsRequest, 'jobs'>,
): Promise<readonly SeedRecords[]> {
  const jobs = specs.map(ceilingJob);
  await loadMissing({ ...request, jobs });
  const line = createProgressLine();
  const timeLeft = new TimeLeft();
  line.begin('ceiling | preparing');
  const outcomes = await runCells({
    ...request,
    jobs,
    onProgress: ({ moved, doneWork, allWork, finishedCells, allCells }) => {
      if (moved === undefined) return;
      line.update(`${timeLeft.text(doneWork, allWork)} | ceiling | ${finishedCells}/${allCells} seeds`);
    },
  }).finally(() => line.done());
  return outcomes.map(({ finished, error }, i) => {
    if (finished === undefined) throw error;
    return { seed: need(specs[i], 'a spec').training.seed, records: new Records(finished.records()) };
  });
}
