/**
 * @file A process that trains one network and does nothing else, so that its peak memory is its own. It takes its
 * settings as one JSON argument and answers each line that it is given with one line of JSON.
 */

import { JsonProcess, type Launch } from './json-process.ts';
import type { StepSettings } from './subject.ts';

/** The first line of a process: it has built its network and taken a few steps. */
export interface Opening {
  readonly version: string;
  /** How many numbers the network learns: equal on both sides, or they are not the same network. */
  readonly parameters: number;
  /** From nothing to a step that can run; absent where an engine compiles nothing. */
  readonly compileSeconds?: number;
  /** Of the lowered graph; absent where an engine has none. */
  readonly nodes?: number;
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

export class StepProcess {
  readonly #process: JsonProcess;

  constructor(launch: Launch, settings: StepSettings, signal?: AbortSignal) {
    this.#process = new JsonProcess(launch, settings, signal);
  }

  /**
   * Waits until the process can step.
   * @throws {Error} as {@link JsonProcess.answer}; so do the others.
   */
  async open(): Promise<Opening> {
    return (await this.#process.answer()) as Opening;
  }

  /** Seconds of each of `steps` training steps. */
  async turn(steps: number): Promise<readonly number[]> {
    this.#process.send({ steps } satisfies TurnRequest);
    return ((await this.#process.answer()) as TurnAnswer).seconds;
  }

  /** Ends the process; the most memory it held, in bytes. */
  async finish(): Promise<number> {
    this.#process.end();
    const { peakBytes } = (await this.#process.answer()) as Closing;
    await this.#process.closed;
    return peakBytes;
  }

  /** Ends the process at once, whatever it is doing. */
  kill(): void {
    this.#process.kill();
  }
}
