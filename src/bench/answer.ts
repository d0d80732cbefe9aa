/**
 * @file How a process of the bench answers the one that started it: a line of JSON on standard output. The one file outside
 * the command line that may write there, since nothing that a user reads is printed by it.
 */

export function answer(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
