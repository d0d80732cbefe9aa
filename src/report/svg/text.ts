/** @file How much room a label takes, estimated: there is no font to ask where a report is written. */

/** The size of all text in a figure; drawn at 343 of 360 px on a phone it stays above 11 px. */
export const fontSize = 12;
export const lineHeight = 15;

const NARROW = new Set("iljtf.,:;'|!()[]· ");
const WIDE = new Set('mwMWGOQ@%—');
/** Marks over the letter before them, as in x̂. */
const COMBINING = /\p{Mn}/u;

/** Width in px of `text`; an estimate on the large side, so that labels do not touch in wide fonts either. */
export function textWidth(text: string, size: number = fontSize): number {
  let ems = 0;
  for (const character of text) {
    if (!COMBINING.test(character)) ems += NARROW.has(character) ? 0.36 : WIDE.has(character) ? 0.9 : 0.62;
  }
  return ems * size;
}

/** Breaks `text` at spaces into lines of at most `width` px; a longer word is broken where it must be. */
export function wrapText(text: string, width: number, size: number = fontSize): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).flatMap((one) => pieces(one, width, size))) {
    const last = lines.at(-1);
    const longer = `${last} ${word}`;
    if (last !== undefined && textWidth(longer, size) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** A word in pieces that fit; mostly the word itself. */
function pieces(word: string, width: number, size: number): readonly string[] {
  const parts = [''];
  for (const letter of word) {
    const longer = `${parts.at(-1)}${letter}`;
    if (parts.at(-1) !== '' && textWidth(longer, size) > width) parts.push(letter);
    else parts[parts.length - 1] = longer;
  }
  return parts;
}
