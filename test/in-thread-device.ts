/** @file A device without a thread of its own: the same engine, ready at once. For tests that open many. */

import type { Graph } from '../src/graph/graph.ts';
import type { Device, DeviceSettings } from '../src/runtime/device.ts';
import { Engine } from '../src/runtime/engine.ts';
import { compile } from '../src/runtime/program.ts';
import type { NamedTensor, TensorData } from '../src/runtime/tensor-data.ts';

type PublicDevice = Pick<Device, 'settings' | 'load' | 'write' | 'read' | 'run' | 'close'>;

export class InThreadDevice implements PublicDevice {
  readonly settings: DeviceSettings;
  readonly #engine: Engine;

  constructor(settings: DeviceSettings) {
    this.settings = settings;
    this.#engine = new Engine(settings.threads);
  }

  async load(graph: Graph, mayWrite: 'state' | 'scratch' = 'scratch'): Promise<void> {
    await this.#engine.load(compile(graph, this.settings, mayWrite));
  }

  async write(state: ReadonlyMap<string, TensorData>): Promise<void> {
    this.#engine.write(state);
  }

  async read(names: readonly string[]): Promise<ReadonlyMap<string, NamedTensor>> {
    return this.#engine.read(names);
  }

  async run(program: string, feeds: Readonly<Record<string, TensorData>>): Promise<Record<string, TensorData>> {
    return this.#engine.run(program, feeds);
  }

  async close(): Promise<void> {
    await this.#engine.close();
  }
}
