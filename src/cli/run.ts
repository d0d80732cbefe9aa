/** @file `normscope run`: trains one network on real data, with probes, and writes a report. */

import { Command, Option } from 'commander';
import { heldProbe } from '../cells/run-cell.ts';
import { runCells } from '../cells/run-cells.ts';
import type { CellSpec } from '../cells/cell-spec.ts';
import type { Dataset } from '../data/dataset.ts';
import { SettingError } from '../errors.ts';
import { modelName, models } from '../models/index.ts';
import { probeName, probes } from '../probes/index.ts';
import { assertWritableFolder, makeFolder } from '../records/atomic.ts';
import { createRunFolder } from '../records/run-folder.ts';
import { scheduleNamed } from '../train/schedule.ts';
import type { TrainingSettings } from '../train/training-settings.ts';
import { checkTrainingSettings } from '../train/training-settings.ts';
import { describeRun } from './manifest.ts';
import { interruptSignal } from './failure.ts';
import { addNetworkOptions, datasetFor, modelSettingsFrom, type NetworkOptions } from './network-options.ts';
import * as options from './options.ts';
import { formatDuration, print, printJson } from './output.ts';
import { createProgressLine, TimeLeft } from './progress.ts';
import { writeDocument } from './publish.ts';
import { trainingSection } from './training-section.ts';
import { trustedDevice } from './trusted-device.ts';

interface RunOptions extends NetworkOptions, options.DeviceOptions {
  readonly epochs: number;
  readonly steps?: number;
  readonly lr: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
  readonly schedule: string;
  readonly augment?: boolean;
  readonly seed: number;
  readonly probe: readonly string[];
  readonly every?: number;
  readonly runs: string;
  readonly out?: string;
  readonly resume?: boolean;
  readonly data?: string;
  readonly json?: boolean;
}

export function runCommand(): Command {
  const command = new Command('run')
    .summary('train a network on real data, with probes')
    .description(
      'Trains one network and writes a report with its curves. The defaults are a good recipe for ' +
        'CIFAR-10: SGD with Nesterov momentum, cosine schedule, 15 epochs. A run that is stopped or ' +
        'killed goes on from its last checkpoint when the same command is given again.',
    )
    .argument('<model>', `one of ${Object.keys(models).join(', ')}`);
  return addNetworkOptions(command)
    .addOption(new Option('--epochs <n>', 'passes over the data').argParser(options.wholeNumber(1)).default(15))
    .addOption(new Option('--steps <n>', 'training steps, in place of epochs').argParser(options.wholeNumber(1)))
    .addOption(new Option('--lr <x>', 'initial learning rate').argParser(options.decimalNumber).default(0.1))
    .addOption(new Option('--momentum <x>', '0 for plain SGD').argParser(options.decimalNumber).default(0.9))
    .addOption(new Option('--weight-decay <x>', 'coupled').argParser(options.decimalNumber).default(5e-4))
    .addOption(new Option('--no-nesterov', 'ordinary momentum'))
    .addOption(new Option('--schedule <name>', 'constant, step, cosine or plateau').default('cosine'))
    .addOption(new Option('--augment', 'pad, crop and flip (default: for cifar10)'))
    .addOption(new Option('--no-augment', 'images as they are'))
    .addOption(
      new Option('--seed <n>', 'of weights, order and augmentation').argParser(options.wholeNumber(0)).default(0),
    )
    .addOption(new Option('--probe <name...>', `measure with ${Object.keys(probes).join(', ')}`).default([], 'none'))
    .addOption(new Option('--every <n>', 'steps between measurements').argParser(options.wholeNumber(1)))
    .addOption(options.threadsOption(options.cores))
    .addOption(options.loweringOption())
    .addOption(options.runsOption())
    .addOption(options.outOption())
    .addOption(options.resumeOption())
    .addOption(options.dataOption())
    .addOption(options.jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ normscope run resnet20\n' +
        '  $ normscope run mlp --epochs 3 --probe activation-moments\n' +
        '  $ normscope run vgg11 --width 0.25 --norm none --lr 0.05 --steps 500 --probe landscape\n',
    )
    .action(run);
}

async function run(name: string, given: RunOptions): Promise<void> {
  options.requireTogether(given.resume, given.out, '--resume needs --out DIR, the run to resume');
  const model = modelName(name);
  // Everything about the request is checked before data are fetched or anything is written.
  const modelSettings = modelSettingsFrom(model, given);
  const held = given.probe.map((word) =>
    heldProbe(probeName(word), given.every === undefined ? {} : { every: given.every }),
  );
  if (given.every !== undefined && held.length === 0) throw new SettingError('--every needs a --probe to measure with');
  const schedule = scheduleNamed(given.schedule);
  const datasetName = datasetFor(model, given);
  makeFolder(given.runs);
  assertWritableFolder(given.runs);
  const signal = interruptSignal('the same command goes on from the last checkpoint');
  const dataset = await options.openDataset(datasetName, given.data, signal);
  const perEpoch = Math.floor(dataset.train.count / given.batch);
  const training: TrainingSettings = {
    model,
    modelSettings,
    dataset: datasetName,
    batchSize: given.batch,
    steps: given.steps ?? given.epochs * perEpoch,
    seed: given.seed,
    augment: given.augment ?? datasetName === 'cifar10',
    optimiser: {
      momentum: given.momentum,
      weightDecay: given.weightDecay,
      nesterov: given.nesterov && given.momentum > 0,
    },
    learningRate: given.lr,
    schedule,
    evaluateEvery: Math.min(perEpoch, given.steps ?? perEpoch),
  };
  checkTrainingSettings(training, dataset);
  const device = await trustedDevice(given);
  const spec: CellSpec = { arm: modelSettings.norm === 'none' ? 'standard' : 'batch', training, probes: held, device };
  await trainAndReport(spec, dataset, given, signal);
}

async function trainAndReport(spec: CellSpec, dataset: Dataset, given: RunOptions, signal: AbortSignal): Promise<void> {
  const { training, device } = spec;
  const config = JSON.parse(JSON.stringify({ command: 'run', training, probes: spec.probes, device }));
  const folder = createRunFolder(given.runs, `run-${training.model}`, config, {
    ...(given.out !== undefined && { out: given.out }),
    resume: given.resume ?? false,
  });
  const started = Date.now();
  const line = createProgressLine();
  const timeLeft = new TimeLeft();
  folder.logEvent('begin');
  let first: number | undefined;
  const [cell] = await runCells({
    specs: [spec],
    dataset,
    root: `${given.runs}/cells`,
    parallel: 1,
    signal,
    onProgress: ({ cell: moved }) => {
      if (moved === undefined || given.json === true) return;
      first ??= moved.step - 1;
      const left = formatDuration(timeLeft.seconds(moved.step - first, training.steps - first));
      line.update(
        `${training.model}  step ${moved.step}/${training.steps}  loss ${moved.loss.toFixed(3)}  ` +
          `accuracy ${(100 * moved.accuracy).toFixed(1)} %  ${left} left`,
      );
    },
  }).finally(() => line.done());
  if (cell === undefined) throw new RangeError('A run must have its cell');
  const wallSeconds = (Date.now() - started) / 1000;
  folder.logEvent('finished', { wallSeconds });
  const cells = [{ spec, cell }];
  const section = trainingSection(spec, cell, wallSeconds);
  const manifest = describeRun({ dataset, device, parallel: 1 }, cells);
  const report = writeDocument(folder, section.title, [section], cells, manifest);
  if (given.json === true) printJson({ report, folder: folder.path, cell: cell.hash, summary: cell.summary });
  else print(`${section.sentence}\nReport: ${report}`);
}
