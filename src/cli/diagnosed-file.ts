/** @file An ONNX file as the subject of a diagnosis: imported, held to ONNX Runtime, with its norms kept, put back or away. */

import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type Examples, exampleBatches } from '../data/examples.ts';
import type { Scaling } from '../data/scalings.ts';
import { Instruments } from '../diagnosis/instruments.ts';
import type { Subject } from '../diagnosis/subject.ts';
import { SettingError } from '../errors.ts';
import { channelStatistics } from '../importer/channel-statistics.ts';
import type { ImportedNetwork, ProblemSettings } from '../importer/import-network.ts';
import { openNetwork } from '../importer/node/open-network.ts';
import type { ChannelStatistics } from '../importer/fixed.ts';
import type { NormChange } from '../importer/norm-changes.ts';
import { trainableOps } from '../importer/rules/index.ts';
import { requireSameAnswers } from '../importer/self-check.ts';
import { fileWithNorms } from '../importer/write-network.ts';
import { type Inspection, inspectModel } from '../inspection/inspect-model.ts';
import { readOnnxFile } from '../onnx/node/read-onnx-file.ts';
import type { ClassifierLoss } from '../problems/classifier.ts';
import { withStorageErrors } from '../records/node/storage-errors.ts';
import type { Device } from '../runtime/device.ts';
import { type Fed, fedAs } from './input-scaling.ts';

export type FileNorms = NormChange['kind'];

export interface FileOptions {
  /** Sizes of one example, for what the file leaves open. */
  readonly shape?: readonly number[];
  readonly output?: string;
  readonly norms: FileNorms;
  readonly loss?: ClassifierLoss;
  /** Where the network with norms put back is written to. */
  readonly write?: string;
}

/** A file that has been read, with what it says about itself. */
export interface OpenedFile {
  readonly path: string;
  readonly network: ImportedNetwork;
  readonly inspection: Inspection;
}

export async function openFile(
  path: string,
  { shape, output }: Pick<FileOptions, 'shape' | 'output'>,
): Promise<OpenedFile> {
  const inspection = inspectModel(readOnnxFile(path).model, trainableOps);
  return { path, network: await openNetwork(path, { shape, output }), inspection };
}

/** What a network is to be measured on. */
export interface Fitting {
  readonly examples: Examples;
  /** How its data are usually scaled. */
  readonly usual: Scaling;
  readonly batchSize: number;
}

/**
 * A file's network on a device, fed as it was trained: what that is the file does not say, so it is found where nobody names it.
 * Norms are put back from what the network is fed, hence after that was found on the file as it is.
 * @param device - whose stored tensors it takes for its own
 * @throws as {@link subjectOfFile}
 */
export async function instrumentsOfFile(
  device: Device,
  file: OpenedFile,
  options: FileOptions & { readonly preprocess?: string },
  { examples, usual, batchSize }: Fitting,
): Promise<Fed> {
  const preprocess = options.preprocess ?? (examples.isPixels ? 'auto' : undefined);
  const isPutBack = options.norms === 'put-back';
  const asItIs: FileOptions = { norms: 'keep', ...(options.loss && { loss: options.loss }) };
  const subject = await subjectOfFile(device.sibling(), file, isPutBack ? asItIs : options, examples, usual);
  const first = new Instruments(isPutBack ? device.sibling() : device, subject, { batchSize });
  const fed = await fedAs(first, first.initial, preprocess);
  if (!isPutBack) return fed;
  const { data, scaling } = fed.instruments.subject;
  const changed = await subjectOfFile(device.sibling(), file, options, data, scaling);
  const instruments = new Instruments(device, changed, { batchSize });
  return { instruments, state: instruments.initial, words: fed.words };
}

/** Batches that norms are put back from. */
const CALIBRATION = { batchSize: 64, batches: 16 } as const;

/**
 * @param device - whose stored tensors it takes for its own
 * @throws {NumericError} where the network that is built does not answer as ONNX Runtime does on the file
 */
async function subjectOfFile(
  device: Device,
  file: OpenedFile,
  { norms, loss, write }: FileOptions,
  data: Examples,
  scaling: Scaling,
): Promise<Subject> {
  const { network, path } = file;
  const form = { input: data.shape, ...(loss && { loss }) };
  await requireSameAnswers(device, network, network.problem());
  if (norms !== 'put-back') {
    if (write !== undefined)
      throw new SettingError('--write writes a network with its norms put back; add --norms put-back');
    const problem = network.problem({ ...form, norms: { kind: norms } });
    const variant = problem.norms.length === 0 ? undefined : network.problem({ ...form, norms: { kind: 'none' } });
    return { name: basename(path), problem, variant, data, scaling };
  }
  const statistics = await statisticsOf(device, file, form, data, scaling);
  const change = { kind: 'put-back', statistics } as const;
  await requireSameAnswers(device, network, network.problem({ norms: change }));
  if (write !== undefined) {
    const made = fileWithNorms(new Uint8Array(readFileSync(path)), network, statistics);
    withStorageErrors('write', write, () => writeFileSync(write, made, { flag: 'wx' }));
  }
  return {
    name: `${basename(path)}, ${statistics.size} norms put back`,
    problem: network.problem({ ...form, norms: change }),
    variant: network.problem(form),
    data,
    scaling,
  };
}

async function statisticsOf(
  device: Device,
  { network, inspection, path }: OpenedFile,
  form: ProblemSettings,
  data: Examples,
  scaling: Scaling,
): Promise<ReadonlyMap<string, ChannelStatistics>> {
  const layers = layersThatLostNorms(network, inspection);
  if (layers.size === 0) throw new SettingError(`No layer of ${path} can have lost a norm; leave --norms put-back out`);
  const batchSize = Math.min(CALIBRATION.batchSize, data.count);
  const draw = exampleBatches(data, scaling, { batchSize, seed: 0 });
  const count = Math.min(CALIBRATION.batches, Math.floor(data.count / batchSize));
  const batches = Array.from({ length: count }, (_, i) => Float32Array.from(draw(i).x));
  return channelStatistics(device, network.problem(form), layers, { batchSize, batches });
}

/** Those with a sign of it in the file; where no layer has one, all convolutions that may have. */
function layersThatLostNorms({ plan }: ImportedNetwork, { layers }: Inspection): ReadonlySet<string> {
  const ofKind = (kind: 'folded' | 'unclear'): ReadonlySet<string> =>
    new Set(layers.flatMap(({ norm, weight }) => (norm.kind === kind ? [weight.name] : [])));
  const [sure, unclear] = [ofKind('folded'), ofKind('unclear')];
  const weights = sure.size > 0 ? sure : unclear;
  return new Set(
    plan.nodes.flatMap((node) => (weights.has(node.inputs[1] ?? '') ? [plan.layers.get(node) ?? ''] : [])),
  );
}
