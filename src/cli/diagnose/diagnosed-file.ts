/** @file An ONNX file as the subject of a diagnosis: imported, held to ONNX Runtime, with its norms kept, put back or away. */

import { basename } from 'node:path';
import { type Examples, exampleBatches } from '../../data/examples.ts';
import type { Scaling } from '../../data/scalings.ts';
import { Instruments } from '../../diagnosis/instruments.ts';
import type { Subject } from '../../diagnosis/subject.ts';
import { SettingError } from '../../errors.ts';
import { channelStatistics } from '../../importer/channel-statistics.ts';
import type { ImportedNetwork, ProblemSettings } from '../../importer/import-network.ts';
import { type OpenedNetwork, openNetwork } from '../../importer/node/open-network.ts';
import type { ChannelStatistics } from '../../importer/fixed.ts';
import type { NormChange } from '../../importer/norm-changes.ts';
import { trainableOps } from '../../importer/rules/index.ts';
import { requireSameAnswers } from '../../importer/self-check.ts';
import { fileWithNorms } from '../../importer/write-network.ts';
import { type Inspection, inspectModel } from '../../inspection/inspect-model.ts';
import type { ClassifierLoss } from '../../problems/classifier.ts';
import type { Device } from '../../runtime/device.ts';
import { startOf } from '../../train/start-of.ts';
import { type Fed, fedAs } from '../../diagnosis/fed-as.ts';
import { networkTensors, requireWritable, writeNetwork } from './written-network.ts';

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
export interface OpenedFile extends OpenedNetwork {
  readonly path: string;
  readonly inspection: Inspection;
}

export async function openFile(
  path: string,
  { shape, output }: Pick<FileOptions, 'shape' | 'output'>,
): Promise<OpenedFile> {
  const opened = await openNetwork(path, { shape, output });
  return { ...opened, path, inspection: inspectModel(opened.model, trainableOps) };
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
 * @throws {NumericError} where the network that is built does not answer as ONNX Runtime does on the file
 * @throws {SettingError} for --write without norms that are put back, or where no layer can have lost one
 */
export async function instrumentsOfFile(
  device: Device,
  file: OpenedFile,
  { norms, loss, write, preprocess }: FileOptions & { readonly preprocess?: string },
  { examples, usual, batchSize }: Fitting,
): Promise<Fed> {
  if (write !== undefined && norms !== 'put-back')
    throw new SettingError('--write writes a network with its norms put back; add --norms put-back');
  if (write !== undefined) requireWritable(write);
  const { network } = file;
  await requireSameAnswers(device.sibling(), network, network.problem());
  const form = { input: examples.shape, ...(loss && { loss }) };
  const isPutBack = norms === 'put-back';
  const subject = asItIs(file, form, isPutBack ? 'keep' : norms, { data: examples, scaling: usual });
  const first = new Instruments(isPutBack ? device.sibling() : device, subject, { batchSize });
  const fed = await fedAs(first, first.initial, preprocess ?? (examples.isPixels ? 'auto' : undefined));
  if (!isPutBack) return fed;
  const changed = await withNormsBack(device.sibling(), file, form, fed.instruments.subject, write);
  const instruments = new Instruments(device, changed, { batchSize });
  return { instruments, state: instruments.initial, words: fed.words };
}

/** What a subject is measured on. */
type OnData = Pick<Subject, 'data' | 'scaling'>;

function asItIs({ network, path }: OpenedFile, form: ProblemSettings, norms: 'keep' | 'none', on: OnData): Subject {
  const problem = network.problem({ ...form, norms: { kind: norms } });
  const variant = problem.norms.length === 0 ? undefined : network.problem({ ...form, norms: { kind: 'none' } });
  return { name: basename(path), problem, variant, ...on };
}

/** Batches that norms are put back from. */
const CALIBRATION = { batchSize: 64, batches: 16 } as const;

/** Beside the network as it is, which has none. @param write - where it is written to, unless undefined */
async function withNormsBack(
  device: Device,
  file: OpenedFile,
  form: ProblemSettings,
  { data, scaling }: OnData,
  write: string | undefined,
): Promise<Subject> {
  const { network, path, bytes } = file;
  const statistics = await statisticsOf(device, file, form, data, scaling);
  const norms = { kind: 'put-back', statistics } as const;
  await requireSameAnswers(device, network, network.problem({ norms }));
  const problem = network.problem({ ...form, norms });
  if (write !== undefined) {
    writeNetwork(write, {
      '.onnx': () => fileWithNorms(bytes, network, statistics),
      '.safetensors': () => networkTensors(problem, startOf(problem)),
    });
  }
  return {
    name: `${basename(path)}, ${statistics.size} norms put back`,
    problem,
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
