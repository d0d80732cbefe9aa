/** @file `normscope diagnose`: what ails a trained network, measured on data, with counterfactuals. */

import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import type { Examples } from '../data/examples.ts';
import { examplesForms, loadExamples } from '../data/node/load-examples.ts';
import { type Scaling, scalingsFor } from '../data/scalings.ts';
import { type Diagnosis, diagnose } from '../diagnosis/diagnose.ts';
import { Instruments } from '../diagnosis/instruments.ts';
import { tryScalings } from '../diagnosis/preprocessing.ts';
import type { State, Subject } from '../diagnosis/subject.ts';
import { DataError, SettingError, unknownName } from '../errors.ts';
import { type ModelName, modelName, models } from '../models/index.ts';
import { normName } from '../norms/index.ts';
import { classifier } from '../problems/classifier.ts';
import { withStorageErrors } from '../records/node/storage-errors.ts';
import { decodeSafetensors } from '../records/safetensors.ts';
import { nodeDevice } from '../runtime/node/node-device.ts';
import { initialState } from '../train/initial-state.ts';
import { sgd } from '../train/optimisers/sgd.ts';
import { trainingGraphs } from '../train/training-graphs.ts';
import { type DiagnosisAbout, diagnosisJson, diagnosisText } from './diagnosis-text.ts';
import { exitCodes, interruptSignal } from './failure.ts';
import * as options from './options.ts';
import { print, printJson } from './output.ts';
import { createProgressLine } from './progress.ts';
import { trustedDevice } from './trusted-device.ts';

interface DiagnoseOptions extends options.DeviceOptions {
  readonly model: string;
  readonly weights?: string;
  readonly data: string;
  readonly norm: string;
  readonly width: number;
  readonly batch: number;
  readonly rate?: number;
  readonly preprocess?: string;
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
    .addOption(new Option('--model <name>', `one of ${Object.keys(models).join(', ')}`).makeOptionMandatory())
    .addOption(
      new Option('--weights <file>', 'safetensors of its parameters and running statistics (default: untrained)'),
    )
    .addOption(new Option('--data <what>', examplesForms).makeOptionMandatory())
    .addOption(new Option('--norm <name>', 'normalisation of the model').default('batch'))
    .addOption(
      new Option('--width <x>', 'multiplies all numbers of channels or units')
        .argParser(options.decimalNumber)
        .default(1),
    )
    .addOption(new Option('--batch <n>', 'the batch that you train with').argParser(options.wholeNumber(2)).default(64))
    .addOption(new Option('--rate <x>', 'the learning rate that you train with').argParser(options.decimalNumber))
    .addOption(
      new Option('--preprocess <name>', 'how pixels become numbers: auto, or a scaling (default: usual for the data)'),
    )
    .addOption(options.threadsOption())
    .addOption(options.loweringOption())
    .addOption(options.convolutionOption())
    .addOption(new Option('--strict', 'end with code 3 where a problem is found'))
    .addOption(options.jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ normscope diagnose --model resnet20 --weights w.safetensors --data cifar10\n' +
        '  $ normscope diagnose --model mlp --weights w.safetensors --data DIR --strict\n',
    )
    .action((given: DiagnoseOptions) => run(given));
}

async function run(given: DiagnoseOptions): Promise<void> {
  const model = modelName(given.model);
  if (given.rate !== undefined && given.rate <= 0)
    throw new SettingError(`--rate must be positive, got ${given.rate}; try 0.1`);
  interruptSignal('a diagnosis keeps nothing: the same command begins anew');
  const line = createProgressLine();
  const { examples, usual } = await loadExamples(given.data, {
    onProgress: ({ message }) => line.update(message),
  });
  const asked = options.deviceFrom(given);
  const subject = subjectOf(model, given, examples, usual);
  const state = stateOf(subject, given.weights);
  const { device: settings } = await trustedDevice(asked);
  const device = nodeDevice(settings);
  try {
    line.begin('diagnose | compiling');
    const first = new Instruments(device, subject, { batchSize: Math.min(given.batch, examples.count) });
    const { instruments, words } = await fedAs(first, state, given.preprocess);
    const diagnosis = await diagnose(instruments, {
      state,
      rate: given.rate,
      isOnce: true,
      onProgress: (what) => line.begin(`diagnose | ${what}`),
    });
    line.done();
    say(given, { network: subject.name, data: examples.source, fed: words, batchSize: first.batchSize }, diagnosis);
  } finally {
    line.done();
    await device.close();
  }
}

function say(given: DiagnoseOptions, about: DiagnosisAbout, diagnosis: Diagnosis): void {
  if (given.json === true) printJson(diagnosisJson(about, diagnosis));
  else print(diagnosisText(about, diagnosis));
  const hasProblem = diagnosis.findings.some(({ level }) => level === 'problem');
  if (given.strict === true && hasProblem) process.exitCode = exitCodes.notReproduced;
}

/** A model of the registry for what the data are, with the same without norms beside it. */
function subjectOf(model: ModelName, { norm, width }: DiagnoseOptions, data: Examples, scaling: Scaling): Subject {
  const settings = { input: data.shape, classes: data.classes, width };
  const name = normName(norm);
  return {
    name: `${model}, norm ${name}`,
    problem: classifier(model, { ...settings, norm: name }),
    variant: name === 'none' ? undefined : classifier(model, { ...settings, norm: 'none' }),
    data,
    scaling,
  };
}

/** What a file holds, by the model's own names. @throws {DataError} where something is missing or of another size. */
function stateOf({ problem }: Subject, file: string | undefined): State {
  const wanted = initialState(trainingGraphs(problem, 2, sgd()).step, 0);
  if (file === undefined) return wanted;
  const { tensors } = decodeSafetensors(
    withStorageErrors('read', file, () => readFileSync(file)),
    file,
  );
  return new Map(
    [...wanted].map(([name, { length }]) => {
      const found = tensors.get(name);
      if (found?.data.length !== length || found.dtype !== 'float32') {
        const got =
          found === undefined
            ? [...tensors.keys()].slice(0, 6).join(', ')
            : `${found.dtype} [${found.shape.join(', ')}]`;
        throw new DataError(
          `${file} must hold '${name}' of ${length} float32 numbers, got ${got}; name the model and width that it was trained with`,
        );
      }
      return [name, found.data];
    }),
  );
}

/** The scaling asked for, or the one under which the network is right most often. */
async function fedAs(
  instruments: Instruments,
  state: State,
  asked: string | undefined,
): Promise<{ readonly instruments: Instruments; readonly words: string }> {
  const { data, scaling } = instruments.subject;
  if (asked === undefined) return { instruments, words: scaling.formula };
  const known = scalingsFor(data);
  if (asked !== 'auto') {
    const named = known.find(({ name }) => name === asked);
    if (named === undefined) throw unknownName('scaling', asked, ['auto', ...known.map(({ name }) => name)]);
    return { instruments: instruments.with(named), words: named.formula };
  }
  await instruments.write(state);
  const found = await tryScalings(instruments);
  if (found === undefined)
    throw new SettingError('--preprocess auto needs pixels and labels, got other numbers; scale them yourself');
  return {
    instruments: instruments.with(found.best),
    words: `${found.best.formula} (the best of ${found.tried.length})`,
  };
}
