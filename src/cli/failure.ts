/** @file How a command ends when it cannot go on: one message on standard error, and an exit code that tells which kind. */

import {
  DataError,
  InterruptedError,
  NumericError,
  SettingError,
  ShapeError,
  StorageError,
  UnsupportedOpError,
} from '../errors.ts';

/** 0 done, 1 the program failed, 2 bad usage, 3 a claim was not reproduced under --strict, 130 after Ctrl-C. */
export const exitCodes = { failed: 1, usage: 2, notReproduced: 3, interrupted: 130 } as const;

const expected = [DataError, NumericError, SettingError, ShapeError, StorageError, UnsupportedOpError];

export function exitCodeOf(error: unknown): number {
  if (error instanceof InterruptedError) return exitCodes.interrupted;
  return error instanceof SettingError ? exitCodes.usage : exitCodes.failed;
}

/** The message alone where it says what to do; with the stack where the error is a bug. */
export function printError(error: unknown): void {
  if (error instanceof InterruptedError) {
    process.stderr.write(`\n${error.message}\n`);
  } else if (expected.some((known) => error instanceof known)) {
    process.stderr.write(`normscope: ${(error as Error).message}\n`);
  } else {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`normscope: this should not have happened; please report it with these lines:\n${stack}\n`);
  }
}

/** A signal that Ctrl-C (or SIGTERM) gives once; a second Ctrl-C ends the program at once. */
export function interruptSignal(howToResume: string): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    process.stderr.write('\nStopping after the current step (Ctrl-C again to stop at once) …\n');
    controller.abort(new InterruptedError(`Stopped. Nothing is lost: ${howToResume}`));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return controller.signal;
}
