import { afterEach, describe, expect, it, vi } from 'vitest';
import { DataError, InterruptedError, NumericError, SettingError, ShapeError, StorageError } from '../errors.ts';
import { exitCodeOf, printError } from './failure.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** What a user reads of an error. */
function printed(error: unknown): string {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  printError(error);
  return write.mock.calls.map(([text]) => String(text)).join('');
}

describe('exitCodeOf', () => {
  it.each([
    [new SettingError('a'), 2],
    [new InterruptedError('a'), 130],
    [new DataError('a'), 1],
    [new StorageError('a'), 1],
    [new NumericError('a'), 1],
    [new ShapeError('a'), 1],
    [new TypeError('a bug'), 1],
    ['not even an error', 1],
  ])('of %o is %d', (error, code) => {
    expect(exitCodeOf(error)).toBe(code);
  });
});

describe('printError', () => {
  it('prints the message alone of an error that says what to do', () => {
    expect(printed(new StorageError('Cannot write x: the disk is full'))).toBe(
      'normscope: Cannot write x: the disk is full\n',
    );
  });

  it('prints the stack of a bug, and asks for a report', () => {
    expect(printed(new TypeError('x is not a function'))).toMatch(
      /please report it.*\nTypeError: x is not a function\n +at /,
    );
  });

  it.each(['Invalid typed array length: 90000000000', 'Array buffer allocation failed', 'std::bad_alloc'])(
    'knows the end of memory by the words %s',
    (words) => {
      const text = printed(new RangeError(words));
      expect(text).toBe(
        `normscope: The work must fit into memory, got '${words}'; use a smaller width, batch or --parallel\n`,
      );
    },
  );
});
