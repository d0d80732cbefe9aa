/** @file `normscope diagnose`: what ails a trained network, measured on data, with counterfactuals. */

import { dirname } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { examplesForms, loadExamples } from '../../data/node/load-examples.ts';
import { type Diagnosis, diagnose } from '../../diagnosis/diagnose.ts';
import { Instruments } from '../../diagnosis/instruments.ts';
import type { Subject } from '../../diagnosis/subject.ts';
import { SettingError } from '../../errors.ts';
import { modelName, models } from '../../models/index.ts';
import { assertWritableFolder, makeFolder, writeFileAtomic } from '../../records/node/atomic.ts';
import type { Device } from '../../runtime/device.ts';
import { nodeDevice } from '../../runtime/node/node-device.ts';
import { isOnnxFile } from '../run/chosen-network.ts';
import { diagnosisCommands } from './diagnosis-commands.ts';
import { diagnosisReport, madeBy } from './diagnosis-report.ts';
import { type DiagnosisAbout, diagnosisJson, diagnosisText, hasProblem } from './diagnosis-text.ts';
import { type FileOptions, type Fitting, instrumentsOfFile, openFile } from './diagnosed-file.ts';
import { type ModelOptions, stateIn, stateOf, subjectOf } from './diagnosed-model.ts';
import { type DiagnosedRun, openRun } from './diagnosed-run.ts';
import { exitCodes, interruptSignal } from '../failure.ts';
import { fileWords } from './file-words.ts';
import { type Fed, fedAs } from '../../diagnosis/fed-as.ts';
import { requireEnding } from '../graph/graph-file.ts';
import * as options from '../options.ts';
import { print, printJson } from '../output.ts';
import { createProgressLine } from '../progress.ts';
import { trustedDevice } from '../trusted-device.ts';

interface DiagnoseOptions extends options.DeviceOptions, FileOptions, ModelOptions {
  readonly model?: string;
  readonly weights?: string;
  readonly data?: string;
  readonly batch?: number;
  readonly rate?: number;
  readonly preprocess?: string;
  readonly thorough?: boolean;
  readonly out?: string;
  readonly strict?: boolean;
  readonly json?: boolean;
}

export function diagnoseCommand(): Command {
  return new Command('diagnose')
    .summary('find out what ails a trained network')
    .description(
      'Measures a trained network on data: running statistics against those of the data, losses in training and ' +
        'evaluation mode and at several batch sizes, layers and gradients by depth, other scalings of the input, the ' +
        'largest learning rate. What rules find is tried: the statistics of one layer are put right, the batch enlarged, ' +
        'the rate halved, and the network is run again. The first sentence is the likeliest cause.',
    )
    .argument('[network]', 'an ONNX file, which goes nowhere and is never changed; or the folder of a run')
    .addOption(new Option('--model <name>', `in place of a file: ${Object.keys(models).join(', ')}`))
    .addOption(
      new Option('--weights <file>', 'safetensors of its parameters and running statistics (default: untrained)'),
    )
    .addOption(new Option('--data <what>', `${examplesForms} (default: that of the run)`))
    .addOption(
      new Option('--norms <what>', 'of a file: as they are, put back where they were folded away, or taken away')
        .choices(['keep', 'put-back', 'none'])
        .default('keep'),
    )
    .addOption(new Option('--shape <sizes>', 'of one example, where the file leaves it open: 3,32,32').argParser(sizes))
    .addOption(new Option('--output <name>', 'of a file: the value to take for the logits (default: the first output)'))
    .addOption(new Option('--loss <name>', 'of a file').choices(['cross-entropy', 'squares']).default('cross-entropy'))
    .addOption(
      new Option(
        '--write <file>',
        'with --norms put-back: write the network with its norms, to FILE.onnx or FILE.safetensors',
      ),
    )
    .addOption(new Option('--norm <name>', 'normalisation of --model').default('batch'))
    .addOption(
      new Option('--width <x>', 'multiplies all numbers of channels or units')
        .argParser(options.decimalNumber)
        .default(1),
    )
    .addOption(
      new Option('--batch <n>', 'the batch that you train with (default: that of the run, or 64)').argParser(
        options.wholeNumber(2),
      ),
    )
    .addOption(new Option('--rate <x>', 'the learning rate that you train with').argParser(options.decimalNumber))
    .addOption(
      new Option(
        '--preprocess <name>',
        'how pixels become numbers: auto, or a scaling (default: auto for a file, else usual for the data)',
      ),
    )
    .addOption(
      new Option(
        '--thorough',
        `the largest learning rate by ${THOROUGH_SEEDS} orders of the examples, with an interval: some minutes`,
      ),
    )
    .addOption(options.threadsOption())
    .addOption(options.loweringOption())
    .addOption(options.convolutionOption())
    .addOption(new Option('--out <file>', 'write a report there, FILE.html: findings with their figures, every layer'))
    .addOption(new Option('--strict', 'end with code 3 where a problem is found'))
    .addOption(options.jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ normscope diagnose mine.onnx --data cifar10 --out diagnosis.html\n' +
        '  $ normscope diagnose runs/20260301T090507Z-run-resnet20-0a1b2c3d\n' +
        '  $ normscope diagnose mine.onnx --data images/ --rate 0.1 --batch 8\n' +
        '  $ normscope diagnose folded.onnx --data DIR --norms put-back --write n.onnx\n' +
        '  $ normscope diagnose --model resnet20 --weights w.safetensors --data cifar10\n' +
        '  $ normscope diagnose --model mlp --weights w.safetensors --data DIR --strict\n',
    )
    .action(run);
}

const USUAL_BATCH = 64;
/** The least that an interval is shown for in studies. */
const THOROUGH_SEEDS = 6;

async function run(word: string | undefined, given: DiagnoseOptions, command: Command): Promise<void> {
  if ((word === undefined) === (given.model === undefined)) {
    const got = word === undefined ? 'neither' : 'both';
    throw new SettingError(`A diagnosis is of an ONNX file, of a run's folder, or of --model NAME, got ${got}`);
  }
  requireOptionsOf(word === undefined ? 'model' : isOnnxFile(word) ? 'file' : 'run', command);
  if (given.rate !== undefined && given.rate <= 0)
    throw new SettingError(`--rate must be positive, got ${given.rate}; try 0.1`);
  if (given.out !== undefined) requirePlaceFor(given.out);
  const started = Date.now();
  const signal = interruptSignal('a diagnosis keeps nothing: the same command begins anew');
  const line = createProgressLine();
  const asked = options.deviceFrom(given);
  const isFile = word !== undefined && isOnnxFile(word);
  const file = isFile ? await openFile(word, given) : undefined;
  const stored = word !== undefined && !isFile ? openRun(word) : undefined;
  const data = given.data ?? stored?.dataset;
  if (data === undefined) throw new SettingError(`--data must say what the network is fed: ${examplesForms}`);
  const { examples, usual } = await loadExamples(data, {
    signal,
    onProgress: ({ message }) => line.update(message),
    ...(file !== undefined && { shape: file.network.input, classes: file.network.classes }),
  });
  const trusted = await trustedDevice(asked);
  const device = nodeDevice(trusted.device);
  try {
    line.begin('diagnose | compiling');
    const batchSize = Math.min(given.batch ?? stored?.batchSize ?? USUAL_BATCH, examples.count);
    const fed =
      file !== undefined
        ? await instrumentsOfFile(device, file, given, { examples, usual, batchSize })
        : await instrumentsOf(device, stored, given, { examples, usual, batchSize, where: word ?? '' });
    const rate = given.rate ?? stored?.learningRate;
    const diagnosis = await diagnose(fed.instruments, {
      state: fed.state,
      rate,
      seeds: given.thorough === true ? THOROUGH_SEEDS : 1,
      isOnce: true,
      onProgress: (what) => {
        signal.throwIfAborted();
        line.begin(`diagnose | ${what}`);
      },
    });
    line.done();
    const about = {
      network: fed.instruments.subject.name,
      data: examples.source,
      fed: fed.words,
      batchSize,
      file: file && fileWords(file.inspection, given.norms),
    };
    if (given.out !== undefined) {
      const { instruments } = fed;
      const made = madeBy(trusted, {
        rate,
        scaling: instruments.subject.scaling.name,
        seed: instruments.seed,
        commands: diagnosisCommands(command, { device: trusted.device, data }),
        wallSeconds: (Date.now() - started) / 1000,
      });
      writeFileAtomic(given.out, diagnosisReport(about, diagnosis, made), { isDerived: true });
    }
    say(given, about, diagnosis);
  } finally {
    line.done();
    await device.close();
  }
}

/** What describes a file, and what a model of the registry; a run is described by what it says of itself. */
const ofSubject = { file: ['norms', 'shape', 'output', 'loss', 'write'], model: ['weights', 'norm', 'width'] } as const;

/** @throws {SettingError} where an option of another subject is given, which would not be heard */
function requireOptionsOf(subject: 'file' | 'model' | 'run', command: Command): void {
  for (const [owner, names] of Object.entries(ofSubject)) {
    if (owner === subject) continue;
    const foreign = options.givenOption(command, (name) => (names as readonly string[]).includes(name));
    if (foreign === undefined) continue;
    const whose = owner === 'file' ? 'an ONNX file' : '--model';
    const got = { file: 'an ONNX file', model: '--model', run: 'the folder of a run' }[subject];
    throw new SettingError(`${foreign.long} is of ${whose}, got it with ${got}; leave it out`);
  }
}

/** Asked before anything is measured: half a minute later is late. @throws {SettingError} @throws {StorageError} */
function requirePlaceFor(out: string): void {
  requireEnding(out, ['.html']);
  makeFolder(dirname(out));
  assertWritableFolder(dirname(out));
}

/** A run's network, or one of the registry, fed as asked for. */
async function instrumentsOf(
  device: Device,
  stored: DiagnosedRun | undefined,
  given: DiagnoseOptions,
  { examples, usual, batchSize, where }: Fitting & { readonly where: string },
): Promise<Fed> {
  const subject: Subject =
    stored !== undefined
      ? { ...stored, data: examples, scaling: usual }
      : subjectOf(modelName(given.model ?? ''), given, examples, usual);
  const first = new Instruments(device, subject, { batchSize });
  const state = stored === undefined ? stateOf(first, given.weights) : stateIn(first, stored.tensors, where);
  return fedAs(first, state, given.preprocess);
}

/** `3,32,32`. */
function sizes(text: string): readonly number[] {
  if (/^\d+(,\d+)*$/u.test(text)) return text.split(',').map(Number);
  throw new InvalidArgumentError('It must be sizes such as 3,32,32.');
}

function say(given: DiagnoseOptions, about: DiagnosisAbout, diagnosis: Diagnosis): void {
  const { out } = given;
  if (given.json === true) printJson({ ...diagnosisJson(about, diagnosis), ...(out !== undefined && { report: out }) });
  else print([diagnosisText(about, diagnosis), ...(out === undefined ? [] : [`Report: ${out}`])].join('\n\n'));
  if (given.strict === true && hasProblem(about, diagnosis)) process.exitCode = exitCodes.problem;
}
