/** @file Progress on standard error: one line that is rewritten on a terminal, and a plain line now and then elsewhere. */

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

/** Time left from work done so far, at the speed of this process. */
export class TimeLeft {
  readonly #started = Date.now();

  /** Seconds; NaN until there is something to go by. */
  seconds(done: number, all: number): number {
    const elapsed = (Date.now() - this.#started) / 1000;
    return done > 0 && elapsed > 1 ? (elapsed * (all - done)) / done : Number.NaN;
  }
}
