/** @file The network that a command is asked to train: one of the registry, or one of an ONNX file. */

import { Command, Option } from 'commander';
import type { Dataset, DatasetName } from '../../data/dataset.ts';
import { datasets } from '../../data/datasets.ts';
import { SettingError } from '../../errors.ts';
import { elementCount } from '../../graph/tensor-type.ts';
import type { ImportedNetwork } from '../../importer/import-network.ts';
import { openNetwork } from '../../importer/node/open-network.ts';
import { requireSameAnswers } from '../../importer/self-check.ts';
import { modelName, models } from '../../models/index.ts';
import type { Problem } from '../../problems/problem.ts';
import { nodeDevice } from '../../runtime/node/node-device.ts';
import { datasetName } from '../expected-dataset.ts';
import { fedToFile } from '../../diagnosis/fed-as.ts';
import { addNetworkOptions, datasetFor, type NetworkOptions, problemFrom } from './network-options.ts';

export interface ChosenNetwork {
  readonly problem: Problem;
  readonly dataset: DatasetName;
  /** Of a file: what its network is fed of pixels, for people. */
  readonly fed?: string;
}

export interface FileNetworkOptions {
  readonly preprocess?: string;
}

/** What only a network of a file is asked. */
export function addFileOptions(command: Command): Command {
  return command.addOption(
    new Option(
      '--preprocess <name>',
      'of a file, what its network takes: auto, or a scaling (default: auto, the one by which it is right most often)',
    ),
  );
}

/** As studies call them: without norms, or by the norm. */
export function armOf({ about }: Problem): string {
  return armOfNorm(about.norm);
}

export function armOfNorm(norm: string): string {
  return norm === 'none' ? 'standard' : norm;
}

/** Whether what a command is given names a file, and not a network of the registry or a run. */
export function isOnnxFile(word: string): boolean {
  return word.toLowerCase().endsWith('.onnx');
}

/** What commands say of their argument. */
export function modelArgument(): string {
  return `one of ${Object.keys(models).join(', ')}, or a file FILE.onnx`;
}

/** @throws {SettingError} for an unknown name, or options that a network of a file does not have */
export async function chosenNetwork(
  name: string,
  options: NetworkOptions & FileNetworkOptions,
  command: Command,
  load: (dataset: string) => Promise<Dataset>,
): Promise<ChosenNetwork> {
  if (isOnnxFile(name)) return networkOfFile(name, options, command, load);
  if (options.preprocess !== undefined)
    throw new SettingError(`--preprocess is of a network of a file, got ${name}; leave it out`);
  const model = modelName(name);
  return { problem: problemFrom(model, options), dataset: datasetFor(model, options) };
}

/** What is said of a network from outside, whatever it is. */
const ofAnyNetwork = new Set(['norm', 'batch', 'dataset']);

/** With the batch norms that it has, or by `--norm none` with none: they go into the layers before them. */
async function networkOfFile(
  path: string,
  options: NetworkOptions & FileNetworkOptions,
  command: Command,
  load: (dataset: string) => Promise<Dataset>,
): Promise<ChosenNetwork> {
  const given = (name: string): boolean => command.getOptionValueSource(name) === 'cli';
  const foreign = networkOptionNames().find((name) => !ofAnyNetwork.has(name) && given(name));
  if (foreign !== undefined) {
    throw new SettingError(`A network of a file is as it is, got --${dashed(foreign)} with ${path}; leave it out`);
  }
  if (given('norm') && options.norm !== 'none' && options.norm !== 'batch') {
    throw new SettingError(
      `A network of a file keeps its norms, or has none, got --norm ${options.norm}; use batch or none`,
    );
  }
  const { network } = await openNetwork(path);
  const dataset = datasetOf(network, options.dataset);
  const norms = given('norm') && options.norm === 'none' ? 'none' : 'keep';
  const form = { input: datasets[dataset].shape, norms: { kind: norms } } as const;
  const device = nodeDevice({ threads: 1, lowering: 'portable', convolution: 'direct' });
  try {
    await requireSameAnswers(device, network, network.problem({ norms: { kind: norms } }));
    const { scaling, words } = await fedToFile(
      device.sibling(),
      network.problem(form),
      await load(dataset),
      options.preprocess,
    );
    return { problem: network.problem({ ...form, scaling }), dataset, fed: words };
  } finally {
    await device.close();
  }
}

/** The names of all options that describe a network of the registry. */
export function networkOptionNames(): readonly string[] {
  return addNetworkOptions(new Command()).options.map((option) => option.attributeName());
}

function dashed(name: string): string {
  return name.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`);
}

/** The data set asked for, or the one whose images fit. @throws {SettingError} where none does */
function datasetOf({ input, classes }: ImportedNetwork, asked: string | undefined): DatasetName {
  if (asked !== undefined) return datasetName(asked);
  const usual = ['cifar10', 'mnist'] as const;
  const fits = usual.find(
    (name) => elementCount(datasets[name].shape) === elementCount(input) && datasets[name].classes === classes,
  );
  if (fits !== undefined) return fits;
  throw new SettingError(
    `No data set has examples [${input.join(', ')}] of ${classes} classes; name one with --dataset`,
  );
}
