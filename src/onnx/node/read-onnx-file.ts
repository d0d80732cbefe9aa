/** @file An ONNX file on disk, with the numbers that it keeps in other files. */

import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { DataError } from '../../errors.ts';
import { withStorageErrors } from '../../records/node/storage-errors.ts';
import type { OnnxModel } from '../model.ts';
import { readOnnx } from '../read.ts';
import { externalDataBeside } from './external-data.ts';
import { readBytes } from './read-bytes.ts';

/** No message of this format may be longer. */
const MOST_BYTES = 2_147_483_647;
export interface OnnxFile {
  readonly model: OnnxModel;
  /** Of the file itself, without what it keeps elsewhere. */
  readonly bytes: number;
}

/**
 * Reads an ONNX file, each of its numbers once: what memory it takes is the file's size, and that of external data.
 * @throws {DataError} where it is no file, no sound model, or its external data cannot be had
 * @throws {StorageError} where the system refuses to read it
 * @throws {UnsupportedOpError} for opsets other than 1 to 23, and for what is not known of those before 7
 */
export function readOnnxFile(path: string): OnnxFile {
  const bytes = withStorageErrors('read', path, () => wholeFile(path));
  return withStorageErrors('read external data of', path, () => ({
    bytes: bytes.length,
    model: readOnnx(bytes, { external: externalDataBeside(path), inPlace: true }),
  }));
}

/** The bytes of a file, as they are. @throws {DataError} where it is none, or too long for the format */
export function wholeFile(path: string): Uint8Array {
  // Opening a pipe or a device may wait for ever.
  if (!statSync(path).isFile())
    throw new DataError(`A model must be a file, got ${path}, which is none; name the .onnx file in it`);
  const handle = openSync(path, 'r');
  try {
    const { size } = fstatSync(handle);
    if (size > MOST_BYTES) {
      throw new DataError(`A model must have less than 2 GiB, got ${size} bytes; keep its weights as external data`);
    }
    const bytes = readBytes(handle, 0, size);
    if (bytes === undefined) throw new DataError(`${path} became shorter while it was read; try again`);
    return bytes;
  } finally {
    closeSync(handle);
  }
}
