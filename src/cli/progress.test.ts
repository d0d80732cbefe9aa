import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createProgressLine, TimeLeft } from './progress.ts';

/** A stream that keeps what is written to it. */
function listener(
  isTTY: boolean,
  width: number,
): { readonly stream: NodeJS.WriteStream; readonly heard: () => string } {
  let text = '';
  const pass = new PassThrough().on('data', (part: Buffer) => (text += part.toString()));
  return { stream: Object.assign(pass, { isTTY, columns: width }) as never, heard: () => text };
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a progress line', () => {
  it('is rewritten on a terminal, never wider than it, and cleared in the end', () => {
    const { stream, heard } = listener(true, 12);
    const line = createProgressLine(stream);
    line.update('0 % | step 1/1000');
    vi.advanceTimersByTime(50);
    line.update('too soon');
    vi.advanceTimersByTime(60);
    line.update('1 %');
    line.done();
    expect(heard().split('\r\u001b[2K')).toEqual(['', '0 % | step ', '1 %', '']);
  });

  it('is a whole plain line every ten seconds elsewhere', () => {
    const { stream, heard } = listener(false, 12);
    const line = createProgressLine(stream);
    for (let second = 0; second < 25; second++) {
      line.update(`second ${second} of many, in full`);
      vi.advanceTimersByTime(1000);
    }
    line.done();
    expect(heard().trimEnd().split('\n')).toEqual([0, 10, 20].map((second) => `second ${second} of many, in full`));
  });

  it('says at once what begins, and how it goes at first', () => {
    const { stream, heard } = listener(false, 80);
    const line = createProgressLine(stream);
    line.begin('preparing');
    line.update('step 1');
    line.update('step 2');
    expect(heard()).toBe('preparing\nstep 1\n');
  });
});

describe('a notice', () => {
  it.each([true, false])('is said in full however soon it comes, and stays (terminal: %s)', (isTTY) => {
    const { stream, heard } = listener(isTTY, 40);
    const line = createProgressLine(stream);
    line.update('verifying');
    line.say('the copy is damaged');
    line.update('fetching');
    line.done();
    const clear = isTTY ? '\r\u001b[2K' : '';
    const end = isTTY ? '' : '\n';
    expect(heard()).toBe(`${clear}verifying${end}${clear}the copy is damaged\n${clear}fetching${end}${clear}`);
  });
});

describe('the time left', () => {
  it('goes by the speed since the first step, not by what was there before', () => {
    const timeLeft = new TimeLeft();
    vi.advanceTimersByTime(60_000);
    expect(timeLeft.text(200, 1000)).toBe('20 %');
    vi.advanceTimersByTime(10_000);
    expect(timeLeft.text(300, 1000)).toBe('30 %, 1 min 10 s left');
    vi.advanceTimersByTime(70_000);
    expect(timeLeft.text(1000, 1000)).toBe('100 %, 0 s left');
  });

  it('is not guessed from less than a second or less than a step', () => {
    const timeLeft = new TimeLeft();
    expect(timeLeft.text(1, 1000)).toBe('0 %');
    vi.advanceTimersByTime(999);
    expect(timeLeft.text(9, 1000)).toBe('0 %');
    vi.advanceTimersByTime(5000);
    expect(timeLeft.text(1, 1000)).toBe('0 %');
  });
});
