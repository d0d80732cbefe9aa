/** @file Progress on standard error: one line that is rewritten on a terminal, and a plain line now and then elsewhere. */

import { fitted, formatDuration, widthOf } from './output.ts';

const TERMINAL_INTERVAL_MS = 100;
const PLAIN_INTERVAL_MS = 10_000;

export interface ProgressLine {
  /** Says what begins, at once; the first update after it is said at once as well. */
  begin(text: string): void;
  update(text: string): void;
  /** Says something at once that stays: the line goes on below it. */
  say(text: string): void;
  /** Clears the line, so that what is printed next stands alone. */
  done(): void;
}

export function createProgressLine(stream: NodeJS.WriteStream = process.stderr): ProgressLine {
  const interval = stream.isTTY ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS;
  let last = Number.NEGATIVE_INFINITY;
  const show = (text: string): void => {
    stream.write(stream.isTTY ? `\r\x1b[2K${text.slice(0, widthOf(stream) - 1)}` : `${text}\n`);
  };
  return {
    begin(text) {
      show(text);
      last = Number.NEGATIVE_INFINITY;
    },
    update(text) {
      const now = Date.now();
      if (now - last < interval) return;
      last = now;
      show(text);
    },
    say(text) {
      stream.write(`${stream.isTTY ? '\r\x1b[2K' : ''}${fitted(text, stream)}\n`);
      last = Number.NEGATIVE_INFINITY;
    },
    done() {
      if (stream.isTTY) stream.write('\r\x1b[2K');
    },
  };
}

/** How far work is and how long it will take, at the speed since the first time it was asked: preparations do not count. */
export class TimeLeft {
  #first: { readonly time: number; readonly done: number } | undefined;

  /** `34 %, 2 min 05 s left`; the percentage alone until there is something to go by. */
  text(done: number, all: number): string {
    const now = Date.now();
    this.#first ??= { time: now, done };
    const seconds = (now - this.#first.time) / 1000;
    const doneSince = done - this.#first.done;
    const percent = `${Math.floor((100 * done) / all)} %`;
    if (doneSince <= 0 || seconds < 1) return percent;
    return `${percent}, ${formatDuration((seconds * (all - done)) / doneSince)} left`;
  }
}
