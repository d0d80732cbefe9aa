/** @file Text laid out in lines, for terminals of 80 columns. */

export const WIDTH = 80;

/** Lines of at most `width` characters, broken between words. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Text in lines of at most 80 characters, the first indented by so many, and the others by as many or more. */
export function indented(text: string, first: number, rest: number = first): string {
  return wrap(text, WIDTH - rest)
    .map((line, i) => ' '.repeat(i === 0 ? first : rest) + line)
    .join('\n');
}

/** Text as it is, or its beginning with "…" behind it: so many letters in all. */
export function cut(text: string, most: number): string {
  const letters = Array.from(text);
  return letters.length <= most ? text : `${letters.slice(0, most - 1).join('')}…`;
}
