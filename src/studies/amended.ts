/** @file What the notes of an amended study say of the rule that it had before. */

/** @param before - what the rule was, what came of it and why it is another now, in sentences. */
export function amendedNote(study: string, before: string): string {
  return `Amended after a first result was seen. ${before} The rule of then, its hash and its result: docs/results/superseded/${study.replace('/', '-')}.md.`;
}
