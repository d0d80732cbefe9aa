/** @file A process that is given one JSON argument and lines of JSON, and answers with lines of JSON. */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** How a process is started; its settings come after these arguments. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
}

const COMPLAINT_KEPT = 2000;

export class JsonProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: AsyncIterator<string>;
  /** Settles once the process has ended and all it wrote has been read. */
  readonly closed: Promise<unknown>;
  #complaint = '';
  #failure: Error | undefined;

  constructor({ command, args }: Launch, settings: unknown, signal?: AbortSignal) {
    this.#child = spawn(command, [...args, JSON.stringify(settings)], {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(signal && { signal }),
    });
    const { stdin, stdout, stderr } = this.#child;
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
    this.closed = new Promise((resolve) => this.#child.on('close', resolve));
    this.#child.on('error', (error) => (this.#failure ??= error));
    // A process that has ended cannot be written to; the missing answer tells.
    stdin.on('error', () => undefined);
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-COMPLAINT_KEPT);
    });
  }

  send(request: unknown): void {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
  }

  /** Says that there will be no more requests. */
  end(): void {
    this.#child.stdin.end();
  }

  /**
   * The next answer.
   * @throws {Error} with the last line of what the process wrote to standard error, where it ends instead.
   */
  async answer(): Promise<unknown> {
    const line = await this.#lines.next();
    if (!line.done) return JSON.parse(line.value) as unknown;
    await this.closed;
    throw this.#failure ?? new Error(lastLine(this.#complaint) ?? `it ended with ${this.#ending()}`);
  }

  /** Ends the process at once, whatever it is doing. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #ending(): string {
    const { exitCode, signalCode } = this.#child;
    return signalCode ?? `code ${exitCode}`;
  }
}

/** Where a program says what went wrong: the last line of its complaint. */
function lastLine(complaint: string): string | undefined {
  const lines = complaint.split('\n').map((line) => line.trim());
  return lines.findLast((line) => line !== '');
}
