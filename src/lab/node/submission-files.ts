/** @file The submissions of a folder: every `.json` in it, read or refused with a reason. */

import fs from 'node:fs';
import { join } from 'node:path';
import { DataError, StorageError } from '../../errors.ts';
import { withStorageErrors } from '../../records/node/storage-errors.ts';
import { MOST_BYTES, readSubmission } from '../read-submission.ts';
import type { Submission } from '../submission.ts';

export interface SubmissionFile {
  readonly name: string;
  readonly submission: Submission | undefined;
  /** Why it is not one. */
  readonly refusal: string | undefined;
}

/**
 * In the order of their names.
 * @throws {StorageError} where the folder cannot be read, or has none
 */
export function submissionFiles(folder: string): readonly SubmissionFile[] {
  const names = withStorageErrors('read', folder, () => fs.readdirSync(folder)).filter((name) => /\.json$/i.test(name));
  if (names.length === 0) {
    throw new StorageError(`Cannot find submissions in ${folder}: it must hold files that end in .json, got none`);
  }
  return names.toSorted().map((name) => {
    try {
      return { name, submission: readSubmission(textOf(join(folder, name))), refusal: undefined };
    } catch (error) {
      // One that cannot be read is one student's; the others are judged.
      if (!(error instanceof DataError || error instanceof StorageError)) throw error;
      return { name, submission: undefined, refusal: error.message };
    }
  });
}

/** @throws {DataError} for what is no file, or too long: nothing of it is read. @throws {StorageError} */
function textOf(path: string): string {
  const { size, isFile } = withStorageErrors('read', path, () => {
    const found = fs.statSync(path);
    return { size: found.size, isFile: found.isFile() };
  });
  if (!isFile || size > MOST_BYTES) {
    const what = isFile ? `${size} bytes` : 'something else';
    throw new DataError(
      `Cannot take it as a submission: it must be a file of at most ${MOST_BYTES} bytes, got ${what}`,
    );
  }
  return withStorageErrors('read', path, () => fs.readFileSync(path, 'utf8'));
}
