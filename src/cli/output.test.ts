import { describe, expect, it } from 'vitest';
import { fitted, formatDuration } from './output.ts';

/** A stream as far as its width matters. */
function stream(isTTY: boolean, width: number): NodeJS.WriteStream {
  return Object.assign(Object.create(process.stdout) as NodeJS.WriteStream, { isTTY, columns: width });
}

describe('formatDuration', () => {
  it.each([
    [0.4, '0 s'],
    [59.4, '59 s'],
    [59.6, '1 min 00 s'],
    [3599.4, '59 min 59 s'],
    [3600, '1 h 00 min'],
    [36_065, '10 h 01 min'],
    [Number.NaN, '–'],
    [Number.POSITIVE_INFINITY, '–'],
  ])('says %d seconds as %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

describe('fitted', () => {
  const text = 'A claim: it holds\n  (a) a part that is rather long\n  short';

  it('breaks long lines for a terminal, further in than they began', () => {
    expect(fitted(text, stream(true, 20))).toBe('A claim: it holds\n  (a) a part that\n    is rather long\n  short');
  });

  it('takes a terminal that does not tell its width for one of 80 columns', () => {
    const long = 'word '.repeat(20).trimEnd();
    const longest = Math.max(
      ...fitted(long, stream(true, 0))
        .split('\n')
        .map((line) => line.length),
    );
    expect(longest).toBeGreaterThan(70);
    expect(longest).toBeLessThanOrEqual(80);
  });

  it('leaves lines whole in a file or a pipe', () => {
    expect(fitted(text, stream(false, 20))).toBe(text);
  });
});
