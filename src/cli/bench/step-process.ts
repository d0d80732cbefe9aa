/**
 * @file A process that trains one network and does nothing else, so that its peak memory is its own. It takes its
 * settings as one JSON argument and answers each line that it is given with one line of JSON.
 */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Subject } from './subject.ts';

/** What a process is started with. */
export interface StepSettings extends Subject {
  /** [C, H, W]. */
  readonly imageShape: readonly [number, number, number];
  readonly classes: number;
}

/** The first line of a process: it has built its network and taken a few steps. */
export interface Opening {
  readonly version: string;
  /** How many numbers the network learns: equal on both sides, or they are not the same network. */
  readonly parameters: number;
  /** From nothing to a step that can run; absent where an engine compiles nothing. */
  readonly compileSeconds?: number;
  /** One step, roughly. */
  readonly stepSeconds: number;
}

/** Asks for `steps` training steps, after one that is not timed. */
export interface TurnRequest {
  readonly steps: number;
}

export interface TurnAnswer {
  readonly seconds: readonly number[];
}

/** The last line, once the input has ended. */
export interface Closing {
  readonly peakBytes: number;
}

/** How a process is started; the settings come after these arguments. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
}

const COMPLAINT_KEPT = 2000;

export class StepProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: AsyncIterator<string>;
  /** Settles once the process has ended and all it wrote has been read. */
  readonly #closed: Promise<unknown>;
  #complaint = '';
  #failure: Error | undefined;

  constructor({ command, args }: Launch, settings: StepSettings, signal?: AbortSignal) {
    this.#child = spawn(command, [...args, JSON.stringify(settings)], {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(signal && { signal }),
    });
    const { stdin, stdout, stderr } = this.#child;
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
    this.#closed = new Promise((resolve) => this.#child.on('close', resolve));
    this.#child.on('error', (error) => (this.#failure ??= error));
    // A process that has ended cannot be written to; the missing answer tells.
    stdin.on('error', () => undefined);
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-COMPLAINT_KEPT);
    });
  }

  /**
   * Waits until the process can step.
   * @throws {Error} with the last line of what it wrote to standard error, where it ends instead; so do the others.
   */
  async open(): Promise<Opening> {
    return (await this.#answer()) as Opening;
  }

  /** Seconds of each of `steps` training steps. */
  async turn(steps: number): Promise<readonly number[]> {
    const request: TurnRequest = { steps };
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    return ((await this.#answer()) as TurnAnswer).seconds;
  }

  /** Ends the process; the most memory it held, in bytes. */
  async finish(): Promise<number> {
    this.#child.stdin.end();
    const { peakBytes } = (await this.#answer()) as Closing;
    await this.#closed;
    return peakBytes;
  }

  /** Ends the process at once, whatever it is doing. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async #answer(): Promise<unknown> {
    const line = await this.#lines.next();
    if (!line.done) return JSON.parse(line.value) as unknown;
    await this.#closed;
    throw this.#failure ?? new Error(lastLine(this.#complaint) ?? `it ended with ${this.#ending()}`);
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
