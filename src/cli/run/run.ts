/** @file `normscope run`: trains one network on real data, with probes, and writes a report. */

import { Command, Option } from 'commander';
import { type CellsRequest, loadMissing, runCells } from '../../cells/node/run-cells.ts';
import { circumstancesOf } from '../../cells/node/versions.ts';
import { trainingJob } from '../../cells/training.ts';
import type { TrainingSpec } from '../../cells/training-spec.ts';
import { InterruptedError } from '../../errors.ts';
import { plainJson } from '../../records/canonical-json.ts';
import type { FinishedCell } from '../../records/cell.ts';
import { createRunFolder, type RecordFormat, type RunFolder } from '../../records/node/run-folder.ts';
import { addFileOptions, armOf, chosenNetwork, type FileNetworkOptions, modelArgument } from './chosen-network.ts';
import { cellsRoot, sayIfNothingIsLeft, writableRuns } from '../cells-root.ts';
import { interruptSignal } from '../failure.ts';
import { addNetworkOptions } from './network-options.ts';
import { formatOption } from '../format-option.ts';
import * as options from '../options.ts';
import { printJson, printProse } from '../output.ts';
import { addProbeOptions, type ProbeOptions, probesFrom, probesHelp } from './probe-options.ts';
import { createProgressLine, type ProgressLine, TimeLeft } from '../progress.ts';
import { publishTraining } from './publish-training.ts';
import {
  addTrainingOptions,
  requireOptionsOfOptimiser,
  trainingFrom,
  type TrainingOptions,
} from './training-options.ts';
import { runDatasets } from '../run-datasets.ts';
import { trustedDevice } from '../trusted-device.ts';
import { sightingsText, sightingText, Watch } from './watch.ts';

interface RunOptions extends TrainingOptions, FileNetworkOptions, ProbeOptions, options.DeviceOptions {
  readonly runs?: string;
  readonly out?: string;
  readonly resume?: boolean;
  readonly watch?: boolean;
  readonly data?: string;
  readonly format: readonly RecordFormat[];
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
    .argument('<model>', modelArgument());
  return addProbeOptions(addTrainingOptions(addFileOptions(addNetworkOptions(command))))
    .addOption(
      new Option(
        '--watch',
        "the rules of 'diagnose' on the network as it trains, ten times and at its end; a problem is said at once",
      ),
    )
    .addOption(options.threadsOption())
    .addOption(options.loweringOption())
    .addOption(options.convolutionOption())
    .addOption(options.runsOption())
    .addOption(options.outOption())
    .addOption(options.resumeOption())
    .addOption(options.dataOption())
    .addOption(formatOption())
    .addOption(options.jsonOption())
    .addHelpText(
      'after',
      probesHelp() +
        '\nExamples:\n' +
        '  $ normscope run resnet20\n' +
        '  $ normscope run mlp --epochs 3 --probe activation-moments\n' +
        '  $ normscope run vgg11 --width 0.25 --norm none --steps 500 --probe landscape\n' +
        '  $ normscope run mlp --probe sharpness --every 50 --probe-set iterations=30\n' +
        '  $ normscope run mine.onnx --dataset cifar10        a network of your own\n' +
        '  $ normscope run vgg11 --norm none --watch          says what goes wrong\n' +
        '  $ normscope run resnet20 --out baseline            into a folder that you name\n' +
        '  $ normscope run resnet20 --out baseline --resume   go on with it after Ctrl-C\n',
    )
    .action((model: string, given: RunOptions, self: Command) => {
      requireOptionsOfOptimiser(self, given);
      return run(model, given, self);
    });
}

async function run(name: string, given: RunOptions, self: Command): Promise<void> {
  // Everything about the request is checked before data are fetched or anything is written.
  options.requireTogether(given.resume, given.out, '--resume needs --out DIR, the run to resume');
  const signal = interruptSignal(options.howToGoOn(given));
  const datasets = runDatasets(given.data, signal);
  const chosen = await chosenNetwork(name, given, self, datasets.load);
  const { problem } = chosen;
  const training = trainingFrom(chosen, given);
  const asked = options.deviceFrom(given);
  const held = probesFrom(given);
  const root = cellsRoot(given);
  const runs = writableRuns(root);
  const trusted = await trustedDevice(asked);
  const arm = armOf(problem);
  const spec = { arm, problem, training, probes: held };
  const job = trainingJob(spec);
  const circumstances = circumstancesOf(trusted.device, datasets.checksum);
  const request = { jobs: [job], circumstances, root, parallel: 1, signal, dataset: datasets.load };
  // Before there is a folder: where the data are not to be had, nothing is left behind.
  await loadMissing(request);
  sayIfNothingIsLeft(given, request);
  const model = problem.about.network;
  const wanted = { command: 'run', problem: problem.about, training, probes: held, device: trusted.device };
  const folder = createRunFolder(runs, `run-${model}`, JSON.parse(JSON.stringify(wanted)), {
    out: given.out,
    resume: given.resume,
    cells: root,
  });
  await folder.whileUnfinished(async () => {
    const line = createProgressLine();
    if (chosen.fed !== undefined) line.say(`${model} is fed ${chosen.fed}`);
    const watch =
      given.watch === true
        ? Watch.open(spec, await datasets.load(training.dataset), trusted.device, (seen) => {
            line.say(sightingText(seen));
            folder.logEvent('problem', plainJson(seen));
          })
        : undefined;
    const [trained, sightings] = await watched(watch, async () => {
      const made = await trainWithProgress(spec, { ...request, look: watch?.look }, folder, line);
      return [made, await watch?.end(made.cell)] as const;
    });
    const about = await datasets.about([training.dataset]);
    const made = { datasets: about, ...trusted, parallel: 1 };
    const published = publishTraining(folder, spec, trained, made, given.format);
    if (given.json === true) printJson({ ...published.json, ...(sightings !== undefined && { problems: sightings }) });
    else
      printProse(
        [published.text, ...(sightings === undefined ? [] : [sightingsText(sightings, folder.path)])].join('\n'),
      );
  });
}

/** What work comes to, with an end to the watch over it whatever comes. */
async function watched<T>(watch: Watch | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await watch?.close();
  }
}

/** @returns with the time that it took, undefined where the cell was found: that says nothing about how long it takes. */
async function trainWithProgress(
  spec: TrainingSpec,
  request: CellsRequest,
  folder: RunFolder,
  line: ProgressLine,
): Promise<{ readonly cell: FinishedCell; readonly wallSeconds: number | undefined }> {
  const { problem, training } = spec;
  const model = problem.about.network;
  const started = Date.now();
  const timeLeft = new TimeLeft();
  folder.logEvent('begin');
  line.begin(`${model} | preparing`);
  let hasTrained = false;
  const [outcome] = await runCells({
    ...request,
    onProgress: ({ moved }) => {
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
  if (outcome?.finished === undefined) throw outcome?.error;
  const wallSeconds = (Date.now() - started) / 1000;
  folder.logEvent('finished', { wallSeconds, hasWorked: hasTrained });
  return { cell: outcome.finished, wallSeconds: hasTrained ? wallSeconds : undefined };
}
