/** @file The network of a file that is given to the page, as arms make their problems. */

import type { Dataset } from '../data/dataset.ts';
import { fedToFile } from '../diagnosis/fed-as.ts';
import { SettingError } from '../errors.ts';
import { elementCount } from '../graph/tensor-type.ts';
import { importNetwork } from '../importer/import-network.ts';
import { requireSameAnswers } from '../importer/self-check.ts';
import { readOnnx } from '../onnx/read.ts';
import type { Problem } from '../problems/problem.ts';
import type { Device } from '../runtime/device.ts';
import type { RunForeign } from '../runtime/foreign.ts';
import type { ArmSettings } from './settings.ts';

/** A file as a reader has dropped it on the page. */
export interface NetworkFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** From an arm's settings to its problem: of the lab's networks, or of a file's. */
export type MakeProblem = (settings: ArmSettings, dataset: Dataset) => Problem;

/** A page has a share of its reader's memory; larger networks go through `normscope run`. */
const MOST_BYTES = 64 * 2 ** 20;

/**
 * Imports a file's network, holds it to ONNX Runtime's answers, and finds out how it is fed. What can be set of it is whether it keeps its
 * batch norms: by norm `none` they go into the layers before them.
 * @throws {SettingError} where the data are not of its form
 * @throws {DataError} for a file that is no sound model
 * @throws {UnsupportedOpError} naming what cannot be trained through
 */
export async function ownNetwork(
  run: RunForeign,
  { name, bytes }: NetworkFile,
  device: Device,
  dataset: Dataset,
): Promise<MakeProblem> {
  if (bytes.length > MOST_BYTES) {
    throw new SettingError(
      `A file must have at most ${MOST_BYTES} bytes here, got ${bytes.length}; train it by 'normscope run ${name}'`,
    );
  }
  const network = await importNetwork(run, bytes, readOnnx(bytes), { name });
  const { input, classes } = network;
  if (elementCount(input) !== elementCount(dataset.shape) || classes !== dataset.classes) {
    throw new SettingError(
      `${name} must take the data's [${dataset.shape.join(', ')}] and tell ${dataset.classes} classes apart, got [${input.join(', ')}] and ${classes}; ` +
        "choose other data, or add some by 'normscope lab --data'",
    );
  }
  await requireSameAnswers(device.sibling(), network, network.problem());
  const form = { input: dataset.shape };
  const { scaling } = await fedToFile(device.sibling(), network.problem(form), dataset);
  return ({ norm }) => network.problem({ ...form, scaling, norms: { kind: norm === 'none' ? 'none' : 'keep' } });
}
