/** @file The files of a data set that a reader chooses: once for all checks of a page that read the same. */

import { matchedFiles, type TwinData } from '../twin/chosen-dataset.ts';

/** By whose files they are. */
const choices = new Map<string, DataChoice>();

/** The choice of a data set's files in this page. */
export function choiceOf({ source, files }: TwinData): DataChoice {
  const choice = choices.get(source) ?? new DataChoice(files);
  choices.set(source, choice);
  return choice;
}

export class DataChoice {
  readonly #needed: readonly string[];
  #found: readonly File[] = [];
  #missing: readonly string[] | undefined;
  readonly #watchers: (() => void)[] = [];

  /** @param needed - names of files, in their order */
  constructor(needed: readonly string[]) {
    this.#needed = needed;
  }

  /** All files in their order; undefined until they were chosen. */
  get files(): readonly File[] | undefined {
    return this.#missing?.length === 0 ? this.#found : undefined;
  }

  /** Names of those that are not among the chosen; undefined until some were chosen. */
  get missing(): readonly string[] | undefined {
    return this.#missing;
  }

  /** What a reader has chosen, at once or one after the other. */
  add(chosen: readonly File[]): void {
    const { found, missing } = matchedFiles(this.#needed, [...chosen, ...this.#found]);
    this.#found = found;
    this.#missing = missing;
    for (const call of this.#watchers) call();
  }

  /** Calls back whenever files were chosen. */
  watch(call: () => void): void {
    this.#watchers.push(call);
  }
}
