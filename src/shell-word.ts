/** @file Words of commands that are printed for people to paste. */

/** A word as a shell takes it back: in quotes where it holds more than letters, digits and what paths are made of. */
export function shellWord(word: string): string {
  return /^[\w./:,@%+=-]+$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
