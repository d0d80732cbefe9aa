/** @file What the operating system's refusals mean to a person, and what they can do about them. */
import { StorageError } from '../../errors.ts';

const repairs: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space or choose a folder on another disk',
  EDQUOT: 'the disk quota is used up; free some space or choose a folder on another disk',
  EFBIG: 'the file would pass the size that this system allows; raise the limit or choose another disk',
  EACCES: 'permission was refused; change the permissions or choose another folder',
  EPERM: 'the operation is not allowed there; change the permissions or choose another folder',
  EROFS: 'the file system is read-only; choose another folder',
  ENOTDIR: 'a part of the path is a file, not a folder; move that file or choose another folder',
  EISDIR: 'a folder is in the way; move it or choose another name',
  EEXIST: 'a file is in the way; move it or choose another name',
  ENOENT: 'it does not exist; check the path',
  ENAMETOOLONG: 'the name is too long; choose a shorter one',
  EMFILE: 'too many files are open; raise the limit (ulimit -n)',
  EIO: 'the disk reports an input/output error; check the disk',
};

/** The operating system's error code, where the error carries one. */
export function maybeErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether a StorageError says that something is not there, or (a network file system) no longer. */
export function isMissing(error: unknown): boolean {
  const code = error instanceof StorageError ? maybeErrorCode(error.cause) : undefined;
  return code === 'ENOENT' || code === 'ESTALE';
}

/**
 * The StorageError for what the file system refused.
 * @param action - the verb that was under way: "Cannot <action> <path>: …".
 * @returns the error itself, unchanged, where it does not come from the file system (a bug must not be dressed up).
 */
export function toStorageError(error: unknown, action: string, path: string): unknown {
  const code = maybeErrorCode(error);
  if (code === undefined) return error;
  const reason = repairs[code] ?? (error instanceof Error ? error.message : code);
  return new StorageError(`Cannot ${action} ${path}: ${reason} (${code})`, { cause: error });
}

/**
 * The result of `work`, with the refusals of the file system as StorageErrors.
 * @throws {StorageError} saying what could not be done, why, and what to do.
 */
export function withStorageErrors<T>(action: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toStorageError(error, action, path);
  }
}
