/**
 * @file Compiled programs and the states they share, in the thread that runs them. A run blocks its thread, which is
 * why the training loop reaches an engine through a worker.
 */

import type { Tensor } from 'onnxruntime-common';
import { need, SettingError, ShapeError } from '../errors.ts';
import type { Tensors } from './device.ts';
import type { PhysicalValue, Port } from '../graph/physical.ts';
import { elementCount } from '../graph/tensor-type.ts';
import { requireBlocks } from './blocks.ts';
import type { Ort, OrtSession } from './ort.ts';
import type { CompiledGraph } from './program.ts';
import { type DrawKey, drawInput, type RandomInput } from './random-inputs.ts';
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
  readonly compiled: CompiledGraph;
  readonly session: OrtSession;
  /** Which state it shares with others. */
  readonly state: number;
  /** What each run is fed is copied into these: memory that is known to the session, and no other thread's. */
  readonly feeds: readonly { readonly port: Port; readonly tensor: Tensor }[];
  /** What each run draws is written into these. */
  readonly random: readonly { readonly input: RandomInput; readonly tensor: Tensor }[];
  /** Preallocated results: fresh ones would cost page faults at every run. */
  readonly results: ReadonlyMap<string, Tensor>;
}

export class Engine {
  readonly #threads: number;
  readonly #ort: Ort;
  readonly #states = new Map<number, State>();
  readonly #programs = new Map<number, Loaded>();

  constructor(threads: number, ort: Ort) {
    this.#threads = threads;
    this.#ort = ort;
  }

  /**
   * Makes a session for a graph, and zeros for the stored tensors that no other program of its state had before.
   * @throws {UnsupportedOpError} where the graph computes in blocks of a size that this processor has not.
   */
  async load(program: number, state: number, compiled: CompiledGraph): Promise<void> {
    if (compiled.block !== undefined) await requireBlocks(this.#ort, compiled.block);
    this.#state(state).declare(compiled.stored);
    const session = await this.#ort.open(compiled.model, this.#threads);
    const feeds = compiled.feeds.map((port) => ({ port, tensor: this.#newTensor(port.value) }));
    const random = compiled.random.map((input) => ({ input, tensor: this.#newTensor(input.port.value) }));
    const results = new Map(compiled.outputs.map(({ value }) => [value.name, this.#newTensor(value)]));
    this.#programs.set(program, { compiled, session, state, feeds, random, results });
  }

  /** Writes stored tensors, given in logical layout. @throws {ShapeError} for a wrong size or an unknown name. */
  write(state: number, tensors: ReadonlyMap<string, TensorData>): void {
    this.#state(state).write(tensors);
  }

  /** Copies of stored tensors, in logical layout. @throws {ShapeError} for an unknown name. */
  read(state: number, names: readonly string[]): Promise<Map<string, NamedTensor>> {
    return this.#state(state).read(names);
  }

  /**
   * Runs a program once: reads what is stored, writes its updates, returns its outputs in logical layout. One run must
   * end before the next begins, as they do behind a device.
   * @throws {ShapeError} where a feed is missing, unknown or of the wrong size.
   * @throws {NumericError} where one holds a number that is not finite: it would spread through every statistic.
   * @throws {SettingError} where random inputs are to be drawn, and there is no key.
   */
  async run(program: number, feeds: Tensors, key?: DrawKey): Promise<Record<string, TensorData>> {
    const loaded = this.#programs.get(program);
    if (loaded === undefined) throw new SettingError('A program must be loaded to run, got one that was released');
    const { compiled, session, results } = loaded;
    feed(loaded, feeds);
    for (const { input, tensor } of loaded.random) {
      drawInput(compiled.name, input, tensor.data as Float32Array | Float64Array, key);
    }
    const state = this.#state(loaded.state);
    const inputs = state.inputs(compiled.stored);
    for (const { port, tensor } of loaded.feeds) inputs[port.value.name] = tensor;
    for (const { input, tensor } of loaded.random) inputs[input.port.value.name] = tensor;
    const writes = state.outputs(compiled.updates);
    await session.run(inputs, { ...Object.fromEntries(results), ...writes.tensors });
    const outputs: Record<string, TensorData> = {};
    for (const { name: output, value, perm } of compiled.outputs) {
      // An update that is an output as well is read from where the state will be.
      const update = writes.tensors[value.name];
      const data =
        update === undefined
          ? (need(results.get(value.name), `a result '${value.name}'`).data as Float32Array).slice()
          : await this.#ort.memory.read({ tensor: update, offset: 0 }, update.size);
      outputs[output] = toLogical(data, value.shape, perm);
    }
    writes.commit();
    return outputs;
  }

  /** Frees a program; what it has stored stays. */
  async release(program: number): Promise<void> {
    const loaded = this.#programs.get(program);
    this.#programs.delete(program);
    await loaded?.session.release();
  }

  /** Frees a state and all programs that share it. */
  async forget(state: number): Promise<void> {
    for (const [program, loaded] of this.#programs) if (loaded.state === state) await this.release(program);
    this.#states.get(state)?.free();
    this.#states.delete(state);
  }

  async close(): Promise<void> {
    for (const program of this.#programs.keys()) await this.release(program);
    for (const state of this.#states.values()) state.free();
    this.#states.clear();
  }

  #state(number: number): State {
    const state = this.#states.get(number) ?? new State(this.#ort.memory);
    this.#states.set(number, state);
    return state;
  }

  #newTensor({ dtype, shape }: PhysicalValue): Tensor {
    return this.#ort.tensor(dtype, allocate(dtype, elementCount(shape)), shape);
  }
}

/** Copies what a run is fed to where its session reads it. */
function feed(loaded: Loaded, given: Tensors): void {
  const { compiled, feeds } = loaded;
  const unknown = Object.keys(given).find((key) => !feeds.some(({ port }) => port.name === key));
  if (unknown !== undefined) {
    const known = feeds.map(({ port }) => port.name).join(', ');
    throw new ShapeError(`Program '${compiled.name}' is fed ${known === '' ? 'nothing' : known}, got '${unknown}'`);
  }
  for (const { port, tensor } of feeds) {
    const { name, value, perm } = port;
    const data = given[name];
    if (data === undefined) throw new ShapeError(`Program '${compiled.name}' must be fed '${name}'`);
    requireData(name, data, value.dtype, logicalShapeOf(value.shape, perm));
    requireFinite(name, data);
    (tensor.data as Float32Array).set(toStored(data, value.shape, perm) as Float32Array);
  }
}
