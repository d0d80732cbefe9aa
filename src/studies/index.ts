/** @file The registry of studies. */

import { nearestName, SettingError } from '../errors.ts';
import { santurkar2018Landscape } from './santurkar2018-landscape/study.ts';
import type { Study } from './study.ts';

/** In the order in which a run takes them. */
export const studies: readonly Study[] = [santurkar2018Landscape];

/**
 * Studies by name ("santurkar2018/landscape"), paper ("santurkar2018") or tag; all where nothing is named.
 * @throws {SettingError} for a word that names none, with the nearest that does.
 */
export function selectStudies(words: readonly string[]): readonly Study[] {
  if (words.length === 0) return studies;
  for (const word of words) {
    if (studies.some((study) => isNamed(study, word))) continue;
    const known = [...new Set(studies.flatMap(({ name, paper, tags }) => [name, paper, ...tags]))];
    const near = nearestName(word, known);
    throw new SettingError(
      `Unknown claim '${word}'; ${near === undefined ? `known: ${known.join(', ')}` : `did you mean '${near}'?`}`,
    );
  }
  return studies.filter((study) => words.some((word) => isNamed(study, word)));
}

function isNamed({ name, paper, tags }: Study, word: string): boolean {
  return name === word || paper === word || tags.includes(word);
}
