/** @file Reading a user's own files, whose refusals by the system say what could not be read and why. */

import { toStorageError } from '../../records/node/storage-errors.ts';

/** @throws {StorageError} where the file system refuses. */
export async function reading<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toStorageError(error, 'read', path);
  }
}
