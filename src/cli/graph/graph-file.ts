/** @file Graphs as files: the ending of the name says in which form. */

import { extname } from 'node:path';
import { SettingError } from '../../errors.ts';
import { writeFileAtomic } from '../../records/node/atomic.ts';

type Ending = '.onnx' | '.svg' | '.txt';

/** Throws for a file that has none of these endings. @throws {SettingError} */
export function requireEnding(path: string, known: readonly `.${string}`[]): void {
  if (known.some((ending) => ending === endingOf(path))) return;
  throw new SettingError(`--out takes a file that ends in ${known.join(', ')}, got '${path}'`);
}

/** Writes the form that the file's ending names; no other is made. @throws {SettingError} as `requireEnding`. */
export function writeGraph(path: string, forms: Readonly<Partial<Record<Ending, () => string | Uint8Array>>>): void {
  requireEnding(path, Object.keys(forms) as Ending[]);
  const form = Object.entries(forms).find(([ending]) => ending === endingOf(path))?.[1];
  if (form !== undefined) writeFileAtomic(path, form());
}

function endingOf(path: string): string {
  return extname(path).toLowerCase();
}
