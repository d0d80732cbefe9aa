/** @file A network of an ONNX file on disk, measured in a process of its own. */

import { basename } from 'node:path';
import { externalDataBeside } from '../../onnx/node/external-data.ts';
import { wholeFile } from '../../onnx/node/read-onnx-file.ts';
import type { OnnxModel } from '../../onnx/model.ts';
import { readOnnx } from '../../onnx/read.ts';
import { withStorageErrors } from '../../records/node/storage-errors.ts';
import { foreignRunner } from '../../runtime/node/run-foreign.ts';
import { importNetwork, type ImportedNetwork, type ImportSettings } from '../import-network.ts';

export interface OpenedNetwork {
  readonly network: ImportedNetwork;
  readonly model: OnnxModel;
  /** Of the file itself, without what it keeps elsewhere. */
  readonly bytes: Uint8Array;
}

/**
 * Reads a file once, for what it says and for the network in it.
 * @throws {DataError} where the file is no sound model, or ONNX Runtime refuses it
 * @throws {StorageError} where the system refuses to read it
 * @throws {UnsupportedOpError} naming what cannot be trained through
 */
export async function openNetwork(
  path: string,
  settings: Pick<ImportSettings, 'shape' | 'output'> = {},
): Promise<OpenedNetwork> {
  const { bytes, external, model } = withStorageErrors('read', path, () => {
    const bytes = wholeFile(path);
    const external = externalDataBeside(path);
    return { bytes, external, model: readOnnx(bytes, { external }) };
  });
  const named = { ...settings, name: basename(path), external };
  return { bytes, model, network: await importNetwork(foreignRunner(), bytes, model, named) };
}
