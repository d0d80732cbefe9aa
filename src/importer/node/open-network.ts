/** @file A network of an ONNX file on disk, measured in a process of its own. */

import { basename } from 'node:path';
import { externalDataBeside } from '../../onnx/node/external-data.ts';
import { wholeFile } from '../../onnx/node/read-onnx-file.ts';
import { readOnnx } from '../../onnx/read.ts';
import { withStorageErrors } from '../../records/node/storage-errors.ts';
import { foreignRunner, type ForeignLimits } from '../../runtime/node/run-foreign.ts';
import { importNetwork, type ImportedNetwork, type ImportSettings } from '../import-network.ts';

/**
 * @throws {DataError} where the file is no sound model, or ONNX Runtime refuses it
 * @throws {StorageError} where the system refuses to read it
 * @throws {UnsupportedOpError} naming what cannot be trained through
 */
export async function openNetwork(
  path: string,
  settings: Pick<ImportSettings, 'shape' | 'output'> = {},
  limits: ForeignLimits = {},
): Promise<ImportedNetwork> {
  const { bytes, external, model } = withStorageErrors('read', path, () => {
    const bytes = wholeFile(path);
    const external = externalDataBeside(path);
    return { bytes, external, model: readOnnx(bytes, { external }) };
  });
  return importNetwork(foreignRunner(limits), bytes, model, { ...settings, name: basename(path), external });
}
