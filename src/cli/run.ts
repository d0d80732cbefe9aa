/** @file `normscope run`: trains one network on real data, with probes, and writes a report. */

import { Command } from 'commander';
import { runCells } from '../cells/node/run-cells.ts';
import type { TrainingSpec } from '../cells/cell-spec.ts';
import type { Dataset } from '../data/dataset.ts';
import { InterruptedError } from '../errors.ts';
import { modelName, models } from '../models/index.ts';
import { assertWritableFolder, makeFolder } from '../records/node/atomic.ts';
import { createRunFolder } from '../records/node/run-folder.ts';
import { interruptSignal } from './failure.ts';
import { describeRun } from './manifest.ts';
import { addNetworkOptions } from './network-options.ts';
import * as options from './options.ts';
import { printJson, printProse } from './output.ts';
import { addProbeOptions, type ProbeOptions, probesFrom, probesHelp } from './probe-options.ts';
import { createProgressLine, TimeLeft } from './progress.ts';
import { writeDocument } from './publish.ts';
import {
  addTrainingOptions,
  requireOptionsOfOptimiser,
  trainingFrom,
  type TrainingOptions,
} from './training-options.ts';
import { trainingSection } from './training-section.ts';
import { type TrustedDevice, trustedDevice } from './trusted-device.ts';

interface RunOptions extends TrainingOptions, ProbeOptions, options.DeviceOptions {
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
  return addProbeOptions(addTrainingOptions(addNetworkOptions(command)))
    .addOption(options.threadsOption())
    .addOption(options.loweringOption())
    .addOption(options.convolutionOption())
    .addOption(options.runsOption())
    .addOption(options.outOption())
    .addOption(options.resumeOption())
    .addOption(options.dataOption())
    .addOption(options.jsonOption())
    .addHelpText(
      'after',
      probesHelp() +
        '\nExamples:\n' +
        '  $ normscope run resnet20\n' +
        '  $ normscope run mlp --epochs 3 --probe activation-moments\n' +
        '  $ normscope run vgg11 --width 0.25 --norm none --steps 500 --probe landscape\n' +
        '  $ normscope run mlp --probe sharpness --every 50 --probe-set iterations=30\n' +
        '  $ normscope run resnet20 --out baseline            into a folder that you name\n' +
        '  $ normscope run resnet20 --out baseline --resume   go on with it after Ctrl-C\n',
    )
    .action((model: string, given: RunOptions, self: Command) => {
      requireOptionsOfOptimiser(self, given);
      return run(model, given);
    });
}

async function run(name: string, given: RunOptions): Promise<void> {
  // Everything about the request is checked before data are fetched or anything is written.
  options.requireTogether(given.resume, given.out, '--resume needs --out DIR, the run to resume');
  const { problem, training } = trainingFrom(modelName(name), given);
  const asked = options.deviceFrom(given);
  const held = probesFrom(given);
  makeFolder(given.runs);
  assertWritableFolder(given.runs);
  const signal = interruptSignal(options.howToGoOn(given));
  const dataset = await options.openDataset(training.dataset, given.data, signal);
  const trusted = await trustedDevice(asked);
  const arm = given.norm === 'none' ? 'standard' : given.norm;
  const spec = { arm, problem, training, probes: held, device: trusted.device };
  await trainAndReport(spec, trusted, dataset, given, signal);
}

async function trainAndReport(
  spec: TrainingSpec,
  trusted: TrustedDevice,
  dataset: Dataset,
  given: RunOptions,
  signal: AbortSignal,
): Promise<void> {
  const { problem, training, device } = spec;
  const model = problem.about.network;
  const asked = { command: 'run', problem: problem.about, training, probes: spec.probes, device };
  const config = JSON.parse(JSON.stringify(asked));
  const folder = createRunFolder(given.runs, `run-${model}`, config, {
    ...(given.out !== undefined && { out: given.out }),
    resume: given.resume ?? false,
  });
  const started = Date.now();
  const line = createProgressLine();
  const timeLeft = new TimeLeft();
  folder.logEvent('begin');
  line.begin(`${model} | preparing`);
  let hasTrained = false;
  const [cell] = await runCells({
    specs: [spec],
    dataset,
    root: `${given.runs}/cells`,
    parallel: 1,
    signal,
    onProgress: ({ cell: moved }) => {
      if (moved === undefined) return;
      hasTrained = true;
      const { step, loss = Number.NaN, accuracy = Number.NaN } = moved;
      line.update(
        `${timeLeft.text(step, training.steps)} | ${model} step ${step}/${training.steps} | ` +
          `loss ${loss.toFixed(3)} | accuracy ${(100 * accuracy).toFixed(1)} %`,
      );
    },
  })
    .catch((error: unknown) => {
      if (error instanceof InterruptedError) folder.logEvent('interrupted');
      throw error;
    })
    .finally(() => line.done());
  if (cell === undefined) throw new RangeError('A run must have its cell');
  const wallSeconds = (Date.now() - started) / 1000;
  folder.logEvent('finished', { wallSeconds });
  const cells = [{ spec, cell }];
  // A cell that was found was not trained now, and says nothing about how long it takes.
  const section = trainingSection(spec, cell, hasTrained ? wallSeconds : undefined);
  const manifest = describeRun({ dataset, ...trusted, parallel: 1 }, cells);
  const report = writeDocument(folder, section.title, [section], cells, manifest);
  const { sentence } = section;
  if (given.json === true) printJson({ report, folder: folder.path, cell: cell.hash, sentence, summary: cell.summary });
  else printProse(`${sentence}\nReport: ${report}`);
}
