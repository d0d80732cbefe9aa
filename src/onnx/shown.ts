/** @file A file's own names on their way to a person: such a name may be anything, a terminal's commands included. */

/** Enough for the longest paths of modules; what is cut keeps its end, where such names differ. */
const LONGEST = 72;

/**
 * What is left out: control characters, which move a terminal's cursor or colour it; marks that turn the direction of
 * writing; line ends that only some programs know; and halves of a character.
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

/** A text of any length without what cannot be seen, line ends included. */
export function printable(text: string): string {
  return text.replace(unprintable, '');
}

/** A name as it may stand in a line of text: without what cannot be seen, and of bounded length. */
export function shown(name: string): string {
  // Only so much is looked at: a name may be as long as its file.
  const visible = (name.length > 4096 ? `${name.slice(0, 2048)}${name.slice(-2048)}` : name).replace(unprintable, '');
  const letters = Array.from(visible);
  if (letters.length <= LONGEST) return visible;
  return `${letters.slice(0, LONGEST / 3).join('')}…${letters.slice(1 - (2 * LONGEST) / 3).join('')}`;
}
