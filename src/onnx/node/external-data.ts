/** @file Numbers that a model keeps in files beside it: only in its own folder, whatever the model says. */

import { closeSync, fstatSync, openSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep, win32 } from 'node:path';
import { counted } from '../../counted.ts';
import { DataError } from '../../errors.ts';
import { shown } from '../shown.ts';
import type { ExternalLoader } from '../tensors.ts';
import { readBytes } from './read-bytes.ts';

/**
 * Fetches external data from files in the folder of the model, or below it.
 * @param modelPath - of the ONNX file
 * @returns a loader that throws a DataError for a path that is absolute, has `..`, or leaves the folder by a link; for what is no
 *   file, or is not there; and for a place beyond the file's end, before any memory is taken
 */
export function externalDataBeside(modelPath: string): ExternalLoader {
  const folder = realpathSync(dirname(modelPath));
  return ({ location, offset, length }) => {
    const path = placeInside(folder, location);
    const handle = openSync(path, 'r');
    try {
      const { size } = fstatSync(handle);
      if (offset + length > size) {
        throw new DataError(
          `'${shown(location)}' must have ${counted(length, 'byte')} at ${offset}, got ${counted(size, 'byte')} in all; is the file cut off?`,
        );
      }
      const bytes = readBytes(handle, offset, length);
      if (bytes === undefined) throw new DataError(`'${shown(location)}' became shorter while it was read`);
      return bytes;
    } finally {
      closeSync(handle);
    }
  };
}

/** The true path of a regular file in a folder. @throws {DataError} for any other place */
function placeInside(folder: string, location: string): string {
  const parts = location.split(/[/\\]/);
  if (location.includes('\0') || isAbsolute(location) || win32.isAbsolute(location) || parts.includes('..')) {
    throw new DataError(
      `External data must be in the model's own folder, got '${shown(location)}'; move it there and save the model anew`,
    );
  }
  const path = truePath(join(folder, location), location);
  const way = relative(folder, path);
  if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) {
    throw new DataError(
      `External data must be in the model's own folder, got '${shown(location)}', which is a link to another; copy the file there`,
    );
  }
  // Opening a pipe or a device may wait for ever.
  if (!statSync(path).isFile())
    throw new DataError(`External data must be in a file, got '${shown(location)}', which is none`);
  return path;
}

function truePath(path: string, location: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    throw new DataError(
      `The model keeps numbers in '${shown(location)}' beside it, which cannot be found; put that file into the model's folder`,
      { cause: error },
    );
  }
}
