/** @file What a device is: where graphs become programs and run, beside one state; and how it is chosen. */

import type { Graph } from '../graph/graph.ts';
import type { LoweringSettings } from './lowering-choice.ts';
import type { DrawKey } from './random-inputs.ts';
import type { RuntimeName } from './runtime-name.ts';
import type { NamedTensor, TensorData } from './tensor-data.ts';

export interface DeviceSettings extends LoweringSettings {
  readonly threads: number;
  /** Default: what is fastest where the program runs. */
  readonly runtime?: RuntimeName;
}

/** What a program is fed, or gives: tensors by name, in logical layout. */
export type Tensors = Readonly<Record<string, TensorData>>;

/** A graph that has been compiled, ready to run any number of times. */
export interface Program {
  /** Of the graph. */
  readonly name: string;
  /**
   * Runs it once. Calls on one device are carried out in the order in which they are made. Feeds are copied at once, but
   * those in shared memory only when the program runs: they must stay as they are until then.
   * @param key - what its random inputs are drawn by, in the thread that runs it; only a graph that has some needs one
   * @throws {ShapeError} where a feed is missing, unknown or of the wrong size.
   * @throws {NumericError} where one holds a number that is not finite.
   * @throws {SettingError} where a graph with random inputs is given no key.
   */
  run(feeds: Tensors, key?: DrawKey): Promise<Tensors>;
  /** Frees it; what it has stored stays. Releasing twice, or after the device was closed, does nothing. */
  release(): Promise<void>;
}

/**
 * Where graphs run: a thread with ONNX Runtime, and the parameters, state and scratch that its programs share by name.
 *
 * @example
 * const device = await openDevice();
 * const g = new GraphBuilder(ops);
 * const x = g.input('x', [3], { kind: 'data' });
 * const doubling = await device.load(g.finish('doubling', { y: g.emit('Add', [x, x]) }));
 * const { y } = await doubling.run({ x: Float32Array.of(1, 2, 3) });
 * console.log(y); // 2, 4, 6
 * await device.close();
 */
export interface Device {
  readonly settings: DeviceSettings;
  /**
   * Compiles a graph, and makes zeros for the stored tensors that no program had before.
   * @param mayWrite - what the program may update: `state` is for training steps alone.
   * @throws {SettingError} where a graph writes what it may not.
   */
  load(graph: Graph, mayWrite?: 'state' | 'scratch'): Promise<Program>;
  /** Sets stored tensors, given in logical layout. @throws {ShapeError} for a wrong size or an unknown name. */
  write(state: ReadonlyMap<string, TensorData>): Promise<void>;
  /** Copies of stored tensors, in logical layout. @throws {ShapeError} for an unknown name. */
  read(names: readonly string[]): Promise<ReadonlyMap<string, NamedTensor>>;
  /**
   * Another device in the same thread: its programs and its state are its own, and closing it closes them alone.
   * @param lowering - default: as this one
   */
  sibling(lowering?: LoweringSettings): Device;
  /** Frees everything, of siblings too where this is the device that started the thread. Never fails. */
  close(): Promise<void>;
}

/** How those who need a device of their own are told to start one. */
export type OpenDevice = (settings: DeviceSettings) => Device;

/** An output by name. @throws {RangeError} where the program does not give it: a mistake in the code that asks. */
export function outputOf<T extends TensorData>(outputs: Readonly<Record<string, T>>, name: string): T {
  const data = outputs[name];
  if (data !== undefined) return data;
  throw new RangeError(`A program must give '${name}', got ${Object.keys(outputs).join(', ')}`);
}

/** An output of one number. @throws {RangeError} where the program does not give it, or gives more than one. */
export function scalarOf(outputs: Tensors, name: string): number {
  const data = outputOf(outputs, name);
  const [value] = data;
  if (value === undefined || data.length !== 1)
    throw new RangeError(`'${name}' must be one number, got ${data.length}`);
  return Number(value);
}
