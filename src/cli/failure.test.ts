import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DataError, InterruptedError, NumericError, SettingError, ShapeError, StorageError } from '../errors.ts';
import { exitCodeOf, interruptSignal, printError } from './failure.ts';

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

describe('interruptSignal', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 0 });
  });
  afterEach(() => {
    vi.useRealTimers();
    for (const name of signals) for (const listener of added(name)) process.off(name, listener);
  });
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const before = new Map(signals.map((name) => [name, process.listeners(name)]));
  const added = (name: 'SIGINT' | 'SIGTERM') =>
    process.listeners(name).filter((listener) => before.get(name)?.includes(listener) !== true);
  /** As the system would send it, to the listeners of the program alone. */
  const send = (name: 'SIGINT' | 'SIGTERM'): void => {
    for (const listener of added(name)) listener(name);
  };

  it.each([
    ['SIGTERM', 'SIGTERM'],
    ['SIGINT', 'SIGTERM'],
  ] as const)('takes %s and a %s within half a second for one', (one, other) => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
    const signal = interruptSignal('try again');
    for (const name of [one, other, other]) {
      send(name);
      vi.advanceTimersByTime(240);
    }
    expect(signal.aborted).toBe(true);
    expect(write).toHaveBeenCalledTimes(1);
    expect(exit).not.toHaveBeenCalled();
    vi.advanceTimersByTime(20);
    send(other);
    expect(exit).toHaveBeenCalledExactlyOnceWith(130);
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
