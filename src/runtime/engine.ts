/**
 * @file Compiled programs and the one state they share, in the thread that runs them. A run blocks its thread, which is
 * why the training loop reaches an engine through a worker.
 */

import type { Tensor } from 'onnxruntime-node';
import { SettingError, ShapeError } from '../errors.ts';
import type { PhysicalValue, Port } from '../graph/physical.ts';
import { elementCount, formatType } from '../graph/tensor-type.ts';
import { nativeOrt, type Ort, type Session } from './ort.ts';
import type { Program } from './program.ts';
import {
  allocate,
  logicalShapeOf,
  requireData,
  requireFinite,
  type TensorData,
  toLogical,
  toStored,
} from './tensor-data.ts';

/** A stored tensor: runs read `front` and write `back`, then the two change places. ORT must never do both in one. */
interface Slot {
  readonly value: PhysicalValue;
  readonly perm: readonly number[] | undefined;
  front: Tensor;
  back: Tensor;
}

interface Loaded {
  readonly program: Program;
  readonly session: Session;
  /** Preallocated results: fresh ones would cost page faults at every run. */
  readonly results: ReadonlyMap<string, Tensor>;
}

export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export class Engine {
  readonly #threads: number;
  readonly #ort: Ort;
  readonly #slots = new Map<string, Slot>();
  readonly #programs = new Map<string, Loaded>();

  constructor(threads: number, ort: Ort = nativeOrt) {
    this.#threads = threads;
    this.#ort = ort;
  }

  /** Makes a session for a program, and zeros for the stored tensors that no program had before. */
  async load(program: Program): Promise<void> {
    for (const port of program.stored) this.#addSlot(port);
    const session = await this.#ort.open(program.model, this.#threads);
    const results = new Map(program.outputs.map(({ value }) => [value.name, this.#newTensor(value)]));
    this.#programs.set(program.name, { program, session, results });
  }

  /** Writes stored tensors, given in logical layout. @throws {ShapeError} for a wrong size or an unknown name. */
  write(state: ReadonlyMap<string, TensorData>): void {
    for (const [name, data] of state) {
      const { value, perm, front } = this.#slot(name);
      requireData(name, data, value.dtype, logicalShapeOf(value.shape, perm));
      (front.data as Float32Array).set(toStored(data, value.shape, perm) as Float32Array);
    }
  }

  /** Copies of stored tensors, in logical layout. */
  read(names: readonly string[]): Map<string, NamedTensor> {
    return new Map(
      names.map((name) => {
        const { value, perm, front } = this.#slot(name);
        const data = toLogical((front.data as Float32Array).slice(), value.shape, perm);
        return [name, { shape: logicalShapeOf(value.shape, perm), data }];
      }),
    );
  }

  /**
   * Runs a program once: reads what is stored, writes its updates, returns its outputs in logical layout.
   * @throws {ShapeError} where a feed is missing, unknown or of the wrong size.
   * @throws {NumericError} where one holds a number that is not finite: it would spread through every statistic.
   */
  async run(name: string, feeds: Readonly<Record<string, TensorData>>): Promise<Record<string, TensorData>> {
    const loaded = this.#programs.get(name);
    if (loaded === undefined) throw new SettingError(`Program '${name}' must be loaded before it runs`);
    const { program, session, results } = loaded;
    const inputs: Record<string, Tensor> = {};
    const unknown = Object.keys(feeds).find((key) => !program.feeds.some((port) => port.name === key));
    if (unknown !== undefined) {
      const known = program.feeds.map((port) => port.name).join(', ');
      throw new ShapeError(`Program '${name}' is fed ${known === '' ? 'nothing' : known}, got '${unknown}'`);
    }
    for (const port of program.feeds) inputs[port.value.name] = this.#fedTensor(name, port, feeds[port.name]);
    for (const port of program.stored) inputs[port.value.name] = this.#slot(port.name).front;
    const fetches: Record<string, Tensor> = Object.fromEntries(results);
    const writes = program.updates.map((port) => ({ port, slot: this.#slot(port.name) }));
    // Two states may be given the same value: the second is then copied from the first.
    for (const { port, slot } of writes) fetches[port.value.name] ??= slot.back;
    await session.run(inputs, fetches);
    for (const { port, slot } of writes) {
      const written = fetches[port.value.name];
      if (written !== undefined && written !== slot.back) {
        (slot.back.data as Float32Array).set(written.data as Float32Array);
      }
    }
    for (const { slot } of writes) [slot.front, slot.back] = [slot.back, slot.front];
    return Object.fromEntries(
      program.outputs.map(({ name: output, value, perm }) => {
        const data = results.get(value.name)?.data as Float32Array;
        return [output, toLogical(data.slice(), value.shape, perm)];
      }),
    );
  }

  async close(): Promise<void> {
    for (const { session } of this.#programs.values()) await session.release();
    this.#programs.clear();
  }

  #slot(name: string): Slot {
    const slot = this.#slots.get(name);
    if (slot === undefined) throw new ShapeError(`No loaded program stores '${name}'`);
    return slot;
  }

  #addSlot({ name, value, perm }: Port): void {
    const known = this.#slots.get(name);
    if (known === undefined) {
      this.#slots.set(name, { value, perm, front: this.#newTensor(value), back: this.#newTensor(value) });
    } else if (formatType(known.value) !== formatType(value) || known.perm?.join() !== perm?.join()) {
      throw new ShapeError(`Programs must agree on the element type and layout of '${name}', got two`);
    }
  }
  #newTensor({ dtype, shape }: PhysicalValue): Tensor {
    return this.#ort.tensor(dtype, allocate(dtype, elementCount(shape)), shape);
  }

  #fedTensor(program: string, { name, value, perm }: Port, data: TensorData | undefined): Tensor {
    if (data === undefined) throw new ShapeError(`Program '${program}' must be fed '${name}'`);
    requireData(name, data, value.dtype, logicalShapeOf(value.shape, perm));
    requireFinite(name, data);
    return this.#ort.tensor(value.dtype, toStored(data, value.shape, perm), value.shape);
  }
}
