/** @file `normscope bench`: step time, compile time and memory beside PyTorch's, in one run on this machine. */

import { Command, Option } from 'commander';
import { type ModelName, modelName } from '../models/index.ts';
import { normName } from '../norms/index.ts';
import { type RuntimeName, runtimeNames } from '../runtime/ort.ts';
import { findTorch } from './bench/find-torch.ts';
import { type BenchPlan, type BenchProgress, type BenchResult, measure } from './bench/measure.ts';
import { checkSubject, type NetworkChoice } from './bench/subject.ts';
import { benchTable } from './bench/table.ts';
import { interruptSignal } from './failure.ts';
import * as options from './options.ts';
import { print, printJson } from './output.ts';
import { trustedDevice } from './trusted-device.ts';
import { createProgressLine, TimeLeft } from './progress.ts';

export interface BenchOptions extends options.DeviceOptions {
  readonly model?: readonly string[];
  readonly width?: number;
  readonly norm: string;
  readonly batch: number;
  readonly rounds: number;
  readonly runtime: readonly RuntimeName[];
  readonly against: 'torch' | 'none';
  readonly probe: boolean;
  readonly json?: boolean;
}

const published = (model: ModelName): NetworkChoice => ({ model, width: 1 });
/** What is measured where nothing is named: the networks of the literature, and for the probe those of the studies. */
const defaultSteps: readonly NetworkChoice[] = [published('resnet20'), published('resnet110'), published('vgg16')];
const defaultProbes: readonly NetworkChoice[] = [{ model: 'vgg11', width: 0.25 }, published('resnet20')];

export function benchCommand(): Command {
  return new Command('bench')
    .summary('measure the engine beside PyTorch on this machine')
    .description(
      'Times training steps on made-up images of the real size: normscope beside PyTorch in eager ' +
        'mode, with the same network, batch and threads. Each engine is a process of its own, so that ' +
        'its peak memory is its own; they take turns, so that what slows the machine slows all alike. ' +
        'Also measures what the landscape probe adds to a step. About five minutes on 2 cores.',
    )
    .addOption(new Option('--model <name...>', 'networks (default: resnet20, resnet110, vgg16)'))
    .addOption(new Option('--width <multiple>', 'of the published channels').argParser(options.decimalNumber))
    .addOption(new Option('--norm <name>', 'what normalises').default('batch'))
    .addOption(new Option('--batch <n>', 'images per step').argParser(options.wholeNumber(1)).default(128))
    .addOption(new Option('--rounds <n>', 'turns of each engine').argParser(options.wholeNumber(1)).default(6))
    .addOption(options.threadsOption())
    .addOption(options.loweringOption())
    .addOption(new Option('--runtime <name...>', `builds of ONNX Runtime`).choices(runtimeNames).default(['native']))
    .addOption(options.convolutionOption())
    .addOption(new Option('--against <engine>', 'what to compare with').choices(['torch', 'none']).default('torch'))
    .addOption(new Option('--no-probe', 'leave out the cost of the probe'))
    .addOption(options.jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ normscope bench\n' +
        '  $ normscope bench --model vgg16 --convolution direct --no-probe\n' +
        '  $ normscope bench --model resnet20 vgg11 --width 0.25 --against none --json\n' +
        '  $ normscope bench --model resnet20 --batch 32 --runtime native wasm --no-probe\n',
    )
    .action(bench);
}

async function bench(given: BenchOptions): Promise<void> {
  const plan = await benchPlan(given);
  const signal = interruptSignal('the same command measures from the start');
  const line = createProgressLine();
  let result: BenchResult;
  try {
    line.begin('looking for PyTorch');
    const python = given.against === 'torch' ? await findTorch() : undefined;
    const timeLeft = new TimeLeft();
    const report = ({ text, done, all }: BenchProgress): void => line.update(`${timeLeft.text(done, all)} | ${text}`);
    result = await measure({ ...plan, python }, report, signal);
  } finally {
    line.done();
  }
  if (given.json === true) printJson(result);
  else print(benchTable(result, given.against));
}

/** @throws {SettingError} for names that are not known, and for networks that cannot be trained. */
async function benchPlan(given: BenchOptions): Promise<Omit<BenchPlan, 'python'>> {
  const { model, width, batch, rounds, runtime, probe } = given;
  const norm = normName(given.norm);
  const named = model?.map((name) => published(modelName(name)));
  const scaled = (networks: readonly NetworkChoice[]): NetworkChoice[] =>
    networks.map((network) => ({ ...network, ...(width !== undefined && { width }) }));
  const steps = scaled(named ?? defaultSteps);
  const probes = probe ? scaled(named ?? defaultProbes) : [];
  for (const network of [...steps, ...probes]) checkSubject({ ...network, norm, batchSize: batch });
  const { device } = await trustedDevice(options.deviceFrom(given));
  return {
    settings: { ...device, runtimes: runtime, norm, batchSize: batch, rounds },
    steps,
    probes,
  };
}
