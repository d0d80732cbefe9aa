/**
 * @file The errors that normscope throws on purpose. Each extends the nearest built-in and says, in this order,
 * the rule that was broken, what came, and the likely repair. Anything else that is thrown is a bug.
 */

/** Tensor shapes or dtypes that do not fit an operation. */
export class ShapeError extends RangeError {
  override readonly name = 'ShapeError';
}

/** An operation that a lowering or a provider cannot carry out. */
export class UnsupportedOpError extends TypeError {
  override readonly name = 'UnsupportedOpError';
}

/** A non-finite number where the computation cannot go on. */
export class NumericError extends RangeError {
  override readonly name = 'NumericError';
}

/** A setting, name or combination of settings that cannot be carried out. The command line exits with 2. */
export class SettingError extends RangeError {
  override readonly name = 'SettingError';
}

/** A data set or file that is missing, truncated or not what its checksum says. */
export class DataError extends Error {
  override readonly name = 'DataError';
}

/** A folder or file that cannot be written or read back. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
}

/** Another program that failed, or did not do what it was asked; the message has its own words. */
export class ProcessError extends Error {
  override readonly name = 'ProcessError';
}

/** The work was stopped from outside (Ctrl-C). The command line exits with 130. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

const deliberate = [
  ShapeError,
  UnsupportedOpError,
  NumericError,
  SettingError,
  DataError,
  StorageError,
  ProcessError,
  InterruptedError,
];

/** Whether an error says by itself what to do, and would only be met again by another try. */
export function isDeliberate(error: unknown): boolean {
  return deliberate.some((known) => error instanceof known);
}

/**
 * What a lookup that cannot miss has found.
 * @param what - what must be there, as the error names it: `a gradient of conv1/weight`.
 * @throws {RangeError} where it missed: a bug, never another value in its place.
 */
export function need<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new RangeError(`There must be ${what}, got none`);
  return found;
}

/**
 * The only one of what was found.
 * @param what - what there must be one of, as the error names it
 * @throws {RangeError} where there is none, or more than one
 */
export function only<T>(found: readonly T[], what: string): T {
  const [first] = found;
  if (first === undefined || found.length > 1) throw new RangeError(`There must be one ${what}, got ${found.length}`);
  return first;
}

/**
 * The candidate nearest to a misspelt name, for "did you mean" messages.
 * @returns undefined where nothing is within a third of the name's length in edits.
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * The error for a name that is in no registry, with the nearest known name or a list.
 * @param listed - what is listed where none is near; default: all, which can be read of a few dozen
 */
export function unknownName(
  kind: string,
  name: string,
  known: readonly string[],
  listed: readonly string[] = known,
): SettingError {
  const near = nearestName(name, known);
  const repair = near === undefined ? `known: ${listed.join(', ')}` : `did you mean '${near}'?`;
  return new SettingError(`Unknown ${kind} '${name}'; ${repair}`);
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
