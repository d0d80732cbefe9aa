/** @file Other programs that a sweep calls: run to their end, with what they said when they failed. */

import { spawnSync } from 'node:child_process';
import { ProcessError } from '../../errors.ts';

/** Longer than a busy controller takes to answer. */
const PATIENCE_MS = 120_000;

/** What a program printed. @throws {ProcessError} where it is not there, fails, or does not answer. */
export function output(program: string, words: readonly string[]): string {
  const { error, status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8', timeout: PATIENCE_MS });
  if (error === undefined && status === 0) return stdout;
  const missing = error !== undefined && 'code' in error && error.code === 'ENOENT';
  if (missing) throw new ProcessError(`${program} must be installed on this machine, got none in the PATH`);
  const said = stderr.trim().replaceAll('\n', ' ');
  throw new ProcessError(
    `${program} ${words.join(' ')} failed: ${said === '' ? (error?.message ?? `code ${status}`) : said}`,
  );
}

/** As {@link output}; undefined where the program is not there. */
export function maybeOutput(program: string, words: readonly string[]): string | undefined {
  try {
    return output(program, words);
  } catch (error) {
    if (error instanceof ProcessError && error.message.includes('must be installed')) return undefined;
    throw error;
  }
}
