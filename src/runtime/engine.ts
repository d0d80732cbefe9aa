/**
 * @file Compiled programs and the one state they share, in the thread that runs them. A run blocks its thread, which is
 * why the training loop reaches an engine through a worker.
 */

import type { Tensor } from 'onnxruntime-node';
import { SettingError, ShapeError } from '../errors.ts';
import type { PhysicalValue, Port } from '../graph/physical.ts';
import { elementCount } from '../graph/tensor-type.ts';
import { nativeOrt, type Ort, type Session } from './ort.ts';
import type { Program } from './program.ts';
import { State } from './state.ts';
import {
  allocate,
  type NamedTensor,
  logicalShapeOf,
  requireData,
  requireFinite,
  type TensorData,
  toLogical,
  toStored,
} from './tensor-data.ts';

interface Loaded {
  readonly program: Program;
  readonly session: Session;
  /** What each run is fed is copied into these: memory that is known to the session, and no other thread's. */
  readonly feeds: readonly { readonly port: Port; readonly tensor: Tensor }[];
  /** Preallocated results: fresh ones would cost page faults at every run. */
  readonly results: ReadonlyMap<string, Tensor>;
}

export class Engine {
  readonly #threads: number;
  readonly #ort: Ort;
  readonly #state: State;
  readonly #programs = new Map<string, Loaded>();

  constructor(threads: number, ort: Ort = nativeOrt) {
    this.#threads = threads;
    this.#ort = ort;
    this.#state = new State(ort);
  }

  /** Makes a session for a program, and zeros for the stored tensors that no program had before. */
  async load(program: Program): Promise<void> {
    this.#state.declare(program.stored);
    const session = await this.#ort.open(program.model, this.#threads);
    const feeds = program.feeds.map((port) => ({ port, tensor: this.#newTensor(port.value) }));
    const results = new Map(program.outputs.map(({ value }) => [value.name, this.#newTensor(value)]));
    this.#programs.set(program.name, { program, session, feeds, results });
  }

  /** Writes stored tensors, given in logical layout. @throws {ShapeError} for a wrong size or an unknown name. */
  write(state: ReadonlyMap<string, TensorData>): void {
    this.#state.write(state);
  }

  /** Copies of stored tensors, in logical layout. */
  read(names: readonly string[]): Map<string, NamedTensor> {
    return this.#state.read(names);
  }

  /**
   * Runs a program once: reads what is stored, writes its updates, returns its outputs in logical layout. One run must
   * end before the next begins, as they do behind a device.
   * @throws {ShapeError} where a feed is missing, unknown or of the wrong size.
   * @throws {NumericError} where one holds a number that is not finite: it would spread through every statistic.
   */
  async run(name: string, feeds: Readonly<Record<string, TensorData>>): Promise<Record<string, TensorData>> {
    const loaded = this.#programs.get(name);
    if (loaded === undefined) throw new SettingError(`Program '${name}' must be loaded before it runs`);
    const { program, session, results } = loaded;
    feed(loaded, feeds);
    const inputs = this.#state.inputs(program.stored);
    for (const { port, tensor } of loaded.feeds) inputs[port.value.name] = tensor;
    const writes = this.#state.outputs(program.updates);
    // An update that is an output as well is read from where the state will be.
    const fetches = { ...Object.fromEntries(results), ...writes.tensors };
    await session.run(inputs, fetches);
    writes.commit();
    return Object.fromEntries(
      program.outputs.map(({ name: output, value, perm }) => {
        const data = fetches[value.name]?.data as Float32Array;
        return [output, toLogical(data.slice(), value.shape, perm)];
      }),
    );
  }

  async close(): Promise<void> {
    for (const { session } of this.#programs.values()) await session.release();
    this.#programs.clear();
  }

  #newTensor({ dtype, shape }: PhysicalValue): Tensor {
    return this.#ort.tensor(dtype, allocate(dtype, elementCount(shape)), shape);
  }
}

/** Copies what a run is fed to where its session reads it. */
function feed(loaded: Loaded, given: Readonly<Record<string, TensorData>>): void {
  const { program, feeds } = loaded;
  const unknown = Object.keys(given).find((key) => !feeds.some(({ port }) => port.name === key));
  if (unknown !== undefined) {
    const known = feeds.map(({ port }) => port.name).join(', ');
    throw new ShapeError(`Program '${program.name}' is fed ${known === '' ? 'nothing' : known}, got '${unknown}'`);
  }
  for (const { port, tensor } of feeds) {
    const { name, value, perm } = port;
    const data = given[name];
    if (data === undefined) throw new ShapeError(`Program '${program.name}' must be fed '${name}'`);
    requireData(name, data, value.dtype, logicalShapeOf(value.shape, perm));
    requireFinite(name, data);
    (tensor.data as Float32Array).set(toStored(data, value.shape, perm) as Float32Array);
  }
}
