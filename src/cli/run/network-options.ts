/** @file The options that describe a network, shared by the commands that build one. */

import { type Command, Option } from 'commander';
import type { DatasetName } from '../../data/dataset.ts';
import { datasets } from '../../data/datasets.ts';
import { SettingError } from '../../errors.ts';
import { type ModelName, models } from '../../models/index.ts';
import { defaultModelSettings, type ModelSettings } from '../../models/model.ts';
import { branches, type BranchName } from '../../models/branches.ts';
import { activations, type ActivationName } from '../../nn/activations.ts';
import { initialisers, type InitialiserName } from '../../nn/initialisers.ts';
import { normName, norms } from '../../norms/index.ts';
import { defaultNormSettings } from '../../norms/norm.ts';
import { override } from '../../studies/overrides.ts';
import { classifier } from '../../problems/classifier.ts';
import type { Problem } from '../../problems/problem.ts';
import { datasetName } from '../expected-dataset.ts';
import { decimalNumber, setOption, wholeNumber } from '../options.ts';

export interface NetworkOptions {
  readonly norm: string;
  readonly normSet: Readonly<Record<string, string>>;
  readonly placement: ModelSettings['placement'];
  readonly normalised: string;
  readonly activation: ActivationName;
  readonly branch: BranchName;
  readonly init?: InitialiserName;
  readonly width: number;
  readonly batch: number;
  readonly dataset?: string;
}

export function addNetworkOptions(command: Command): Command {
  return command
    .addOption(new Option('--norm <name>', `normalisation: ${Object.keys(norms).join(', ')}`).default('batch'))
    .addOption(
      setOption(
        'change a setting of the norm: ' + Object.keys(defaultNormSettings).join(', '),
        '--norm-set <key=value>',
      ),
    )
    .addOption(
      new Option('--placement <where>', 'norm before or after the activation')
        .choices(['before', 'after'])
        .default('before'),
    )
    .addOption(new Option('--normalised <layers>', 'all, last, or layers counted from 1, as 1,3').default('all'))
    .addOption(new Option('--activation <name>', 'non-linearity').choices(Object.keys(activations)).default('relu'))
    .addOption(
      new Option('--branch <name>', 'what residual branches end in, without norms')
        .choices(Object.keys(branches))
        .default('plain'),
    )
    .addOption(new Option('--init <name>', 'initial weights (default: the model’s)').choices(Object.keys(initialisers)))
    .addOption(
      new Option('--width <x>', 'multiplies all numbers of channels or units').argParser(decimalNumber).default(1),
    )
    .addOption(new Option('--batch <n>', 'examples per batch').argParser(wholeNumber(1)).default(128))
    .addOption(
      new Option('--dataset <name>', `${Object.keys(datasets).join(', ')} (default: mnist for mlp, else cifar10)`),
    );
}

/** The data set asked for, or the one that suits the model. @throws {SettingError} for an unknown name. */
export function datasetFor(model: ModelName, { dataset }: Pick<NetworkOptions, 'dataset'>): DatasetName {
  return datasetName(dataset ?? (model === 'mlp' ? 'mnist' : 'cifar10'));
}

/** @throws {SettingError} for names and lists that mean nothing. */
function modelSettingsFrom(model: ModelName, options: NetworkOptions): ModelSettings {
  return {
    ...defaultModelSettings,
    norm: normName(options.norm),
    normSettings: override(defaultNormSettings, options.normSet),
    placement: options.placement,
    normalised: layerList(options.normalised),
    activation: options.activation,
    branch: options.branch,
    initialiser: options.init ?? models[model].initialiser,
    width: options.width,
  };
}

/** A classifier of the data set's images, in float32. @throws {SettingError} for settings that make no network. */
export function problemFrom(model: ModelName, options: NetworkOptions): Problem {
  const { shape, classes } = datasets[datasetFor(model, options)];
  return classifier(model, { ...modelSettingsFrom(model, options), input: shape, classes });
}

function layerList(text: string): ModelSettings['normalised'] {
  if (text === 'all' || text === 'last') return text;
  if (!/^\d+(,\d+)*$/.test(text)) {
    throw new SettingError(`--normalised takes all, last, or a list such as 1,3, got '${text}'`);
  }
  return text.split(',').map(Number);
}
