/** @file What looks at a training: outputs that it adds to the step, graphs of its own, and the records made of both. */

import type { StepRecord } from '../records/record.ts';
import type { Graph } from '../graph/graph.ts';
import type { Problem } from '../problems/problem.ts';
import type { Program, Tensors } from '../runtime/device.ts';
import type { DrawKey } from '../runtime/random-inputs.ts';
import type { TensorData } from '../runtime/tensor-data.ts';
import type { BatchRequest, DrawBatch } from './batch-source.ts';
import type { Kept } from './kept.ts';
import type { StepOutputs } from './step-graph.ts';

/** One step of a training, as those see it who measure after it. */
export interface StepResult {
  /** Steps taken before it. */
  readonly step: number;
  readonly learningRate: number;
  /** The batch of this step; in memory that is used again two steps later. */
  readonly feeds: Tensors;
  /** What its random numbers were drawn by: a program that is run with it sees the same ones. */
  readonly key: DrawKey;
  /** Of the batch, before the update. */
  readonly loss: number;
  /** All outputs of the step, those of readouts included. */
  readonly outputs: Tensors;
}

/** What a readout may use of the session that it looks at. */
export interface Watched {
  readonly problem: Problem;
  readonly batchSize: number;
  /** Of the step, without what readouts add. */
  readonly graph: Graph;
  /** Compiles a graph that reads what the session stores, and writes scratch at most. */
  load(graph: Graph): Promise<Program>;
  /** Sets scratch, given in logical layout. */
  write(tensors: ReadonlyMap<string, TensorData>): Promise<void>;
  /**
   * Further batches, for programs that are run with the step's key and the number of the batch in it.
   * @throws {SettingError} where the session cannot draw them.
   */
  batches(request: BatchRequest): DrawBatch;
}

/**
 * What a readout remembers from one measurement to the next, such as where a search is to start. It is stored with
 * snapshots, so that a resumed training measures alike; a fork begins without.
 */
export interface Memory {
  vector: Float64Array | undefined;
}

/**
 * A measurement that is made at steps 0, every, 2·every, … It leaves weights, every norm's state and the trajectory as
 * they are: what it runs on the device writes nothing but scratch.
 */
export interface Readout {
  readonly every: number;
  /** What the step is to keep for its own graphs. */
  readonly needs?: readonly Kept[];
  /** Outputs added to the step. */
  readonly outputs?: StepOutputs;
  /** Records made of the step's outputs. */
  readonly read?: (result: StepResult) => readonly StepRecord[];
  /** Loads graphs of its own in a session, and returns what measures with them after a step. */
  readonly open?: (session: Watched, memory: Memory) => Promise<Measure>;
}

export type Measure = (result: StepResult) => Promise<readonly StepRecord[]>;

type Timed = { readonly every: number; readonly measure: Measure };

/** By the place of each readout that remembers something. */
export type Remembered = ReadonlyMap<number, Float64Array>;

/** The readouts of one session: which are due at a step, and what is recorded of it. */
export class Readouts {
  readonly #readouts: readonly Readout[];
  readonly #measures: readonly Timed[];
  /** One per readout. */
  readonly #memories: readonly Memory[];

  private constructor(readouts: readonly Readout[], measures: readonly Timed[], memories: readonly Memory[]) {
    this.#readouts = readouts;
    this.#measures = measures;
    this.#memories = memories;
  }

  static async open(readouts: readonly Readout[], session: Watched): Promise<Readouts> {
    const measures: Timed[] = [];
    const memories = readouts.map((): Memory => ({ vector: undefined }));
    for (const [i, { every, open }] of readouts.entries()) {
      if (open !== undefined) measures.push({ every, measure: await open(session, memories[i] as Memory) });
    }
    return new Readouts(readouts, measures, memories);
  }

  /** Copies of what readouts remember. */
  remembered(): Remembered {
    return new Map(
      this.#memories.flatMap(({ vector }, i) => (vector === undefined ? [] : [[i, vector.slice()] as const])),
    );
  }

  /** Gives readouts back what they remembered; what is not there they forget. */
  recall(remembered: Remembered): void {
    for (const [i, memory] of this.#memories.entries()) memory.vector = remembered.get(i)?.slice();
  }

  /** Whether a step must give or keep what readouts add. One that is due has all of it computed. */
  readsStep(step: number): boolean {
    return this.#readouts.some((readout) => addsToStep(readout) && step % readout.every === 0);
  }

  /** What is recorded of a step: first what is read off it, then what is measured after it. */
  async recordsOf(result: StepResult): Promise<readonly StepRecord[]> {
    const records: StepRecord[] = [];
    for (const { every, read } of this.#readouts) {
      if (read !== undefined && result.step % every === 0) records.push(...read(result));
    }
    for (const { every, measure } of this.#measures) {
      if (result.step % every === 0) records.push(...(await measure(result)));
    }
    return records;
  }
}

/** Whether a step at which a readout is due is another than the plain one. */
function addsToStep({ outputs, needs = [] }: Readout): boolean {
  return outputs !== undefined || needs.length > 0;
}
