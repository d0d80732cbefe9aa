/** @file Sentences that are made of words written for the middle of one. */

/** `a step` as `A step`. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
