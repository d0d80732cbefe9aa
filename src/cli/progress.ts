/** @file Progress on standard error: one line that is rewritten on a terminal, and a plain line now and then elsewhere. */

import { formatDuration } from './output.ts';

const TERMINAL_INTERVAL_MS = 100;
const PLAIN_INTERVAL_MS = 10_000;

export interface ProgressLine {
  update(text: string): void;
  /** Clears the line, so that what is printed next stands alone. */
  done(): void;
}

export function createProgressLine(stream: NodeJS.WriteStream = process.stderr): ProgressLine {
  const interval = stream.isTTY ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS;
  let last = 0;
  return {
    update(text) {
      const now = Date.now();
      if (now - last < interval) return;
      last = now;
      const width = (stream.columns ?? 80) - 1;
      stream.write(stream.isTTY ? `\r\x1b[2K${text.slice(0, width)}` : `${text}\n`);
    },
    done() {
      if (stream.isTTY && last > 0) stream.write('\r\x1b[2K');
    },
  };
}

/** How far work is and how long it will take, at the speed of this process so far. */
export class TimeLeft {
  readonly #started = Date.now();

  /** `34 %, 2 min 05 s left`; the percentage alone until there is something to go by. */
  text(done: number, all: number): string {
    const percent = `${Math.floor((100 * done) / all)} %`;
    const elapsed = (Date.now() - this.#started) / 1000;
    if (done <= 0 || elapsed < 1) return percent;
    return `${percent}, ${formatDuration((elapsed * (all - done)) / done)} left`;
  }
}
