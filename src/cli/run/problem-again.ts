/** @file The problem of a run, made again of what the run said about it. */

import { DataError, SettingError } from '../../errors.ts';
import { isModelName } from '../../models/index.ts';
import { classifier } from '../../problems/classifier.ts';
import type { Problem } from '../../problems/problem.ts';
import { canonicalJson, plainJson } from '../../records/canonical-json.ts';
import type { StoredProblem } from '../report/stored-run.ts';

/**
 * @throws {SettingError} for a network of a file, which the run does not hold
 * @throws {DataError} where what it said means something else by now
 */
export function problemAgain(about: StoredProblem): Problem {
  const { problem: _, network, ...settings } = about;
  if (!isModelName(network)) {
    throw new SettingError(
      `A run can be looked at again whose network is normscope’s own, and this is '${network}'; give the file itself, or run it again`,
    );
  }
  const made = classifier(network, settings);
  if (canonicalJson(made.about) === canonicalJson(plainJson(about))) return made;
  throw new DataError(`Cannot make ${network} again: its settings mean something else than when it was trained`);
}

/** The same without norms; undefined where it has none. */
export function withoutNorms(about: StoredProblem): Problem | undefined {
  const { problem: _, network, ...settings } = about;
  if (!isModelName(network) || settings.norm === 'none') return undefined;
  return classifier(network, { ...settings, norm: 'none' });
}
