/** @file How a command ends when it cannot go on: one message on standard error, and an exit code that tells which kind. */

import { InterruptedError, isDeliberate, SettingError } from '../errors.ts';
import { maybeErrorCode, toStorageError } from '../records/node/storage-errors.ts';
import { fitted } from './output.ts';

/**
 * 0 done, 1 the program failed, 2 bad usage, 3 a claim was not reproduced, or a problem found, under --strict, or a submission does
 * not hold, 130 after Ctrl-C.
 */
export const exitCodes = {
  failed: 1,
  usage: 2,
  notReproduced: 3,
  problem: 3,
  doesNotHold: 3,
  interrupted: 130,
} as const;

export function exitCodeOf(error: unknown): number {
  if (error instanceof InterruptedError) return exitCodes.interrupted;
  return error instanceof SettingError ? exitCodes.usage : exitCodes.failed;
}

/** What V8 and ONNX Runtime say when there is no memory left. */
const outOfMemory = /invalid typed array length|array buffer allocation failed|failed to allocate memory|bad_alloc/i;

/** The message alone where it says what to do; with the stack where the error is a bug. */
export function printError(error: unknown): void {
  process.stderr.write(`${fitted(`normscope: ${errorText(error)}`, process.stderr)}\n`);
}

function errorText(error: unknown): string {
  if (!(error instanceof Error)) return `this should not have happened; please report it: ${String(error)}`;
  if (isDeliberate(error)) return error.message;
  if (outOfMemory.test(error.message)) {
    return `The work must fit into memory, got '${error.message}'; use a smaller width, batch or --parallel`;
  }
  return `this should not have happened; please report it with these lines:\n${error.stack ?? error.message}`;
}

/** Ends the program where its output goes nowhere: quietly when the reader has left (`| head`), else with a message. */
export function guardOutput(): void {
  process.stdout.on('error', (error) => {
    if (maybeErrorCode(error) === 'EPIPE') process.exit(0);
    printError(toStorageError(error, 'write to', 'standard output'));
    process.exit(exitCodes.failed);
  });
  // Progress and messages that nobody reads are no reason to stop the work.
  process.stderr.on('error', () => undefined);
}

/**
 * How long a second signal counts as the first: `timeout`, and terminals with a shell between, send one to the program and
 * one to its group, within milliseconds. Nobody presses Ctrl-C twice so soon.
 */
const SAME_SIGNAL_MS = 500;

/**
 * A signal that Ctrl-C (or SIGTERM) gives once; a second Ctrl-C, half a second later or more, ends the program at once.
 * @param howToGoOn - completes "Stopped; …".
 */
export function interruptSignal(howToGoOn: string): AbortSignal {
  const controller = new AbortController();
  let first = Number.NEGATIVE_INFINITY;
  const stop = (): void => {
    const now = performance.now();
    if (controller.signal.aborted) {
      if (now - first < SAME_SIGNAL_MS) return;
      process.exit(exitCodes.interrupted);
    }
    first = now;
    process.stderr.write('\nStopping … (Ctrl-C again to stop at once)\n');
    controller.abort(new InterruptedError(`Stopped; ${howToGoOn}`));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return controller.signal;
}
