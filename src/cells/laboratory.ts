/** @file Where measurements without training are made: graphs run on devices that are closed when the work ends. */

import { type Graph, isStored } from '../graph/graph.ts';
import type { FloatType } from '../graph/tensor-type.ts';
import { Device } from '../runtime/device.ts';
import { type LoweringName, type LoweringSettings, plainLowering } from '../runtime/lowering-choice.ts';
import type { TensorData } from '../runtime/tensor-data.ts';

export interface Laboratory {
  /**
   * Runs a graph without state once, and loads it when it is first seen. Numbers come back in float64, whatever they
   * were computed in. Float64 graphs take the reference lowering, the only one for them; float32 graphs take `portable`,
   * with direct convolutions: what is measured here is the arithmetic that a study names, not a fast form of it.
   * @throws {InterruptedError} by way of the signal's reason.
   */
  run(graph: Graph, feeds: Readonly<Record<string, TensorData>>): Promise<Readonly<Record<string, Float64Array>>>;
  /** A device of its own for graphs that keep state, such as a training loop's; closed with the laboratory. */
  openDevice(lowering: LoweringName): Device;
  /** Says how far the work is, and gives way to others: long loops on the host call it now and then. */
  progress(done: number, all: number): Promise<void>;
}

const loweringFor: Readonly<Record<FloatType, LoweringSettings>> = {
  float64: plainLowering,
  float32: { lowering: 'portable', convolution: 'direct' },
};

/** @param report - told how far the work is, in parts done of all parts */
export function openLaboratory(
  threads: number,
  report: (done: number, all: number) => void,
  signal?: AbortSignal,
): Laboratory & { close(): Promise<void> } {
  const devices: Device[] = [];
  const shared = new Map<FloatType, Device>();
  const names = new Map<Graph, string>();
  const open = (settings: LoweringSettings): Device => {
    const device = new Device({ ...settings, threads });
    devices.push(device);
    return device;
  };
  return {
    openDevice: (lowering) => open({ lowering }),
    async run(graph, feeds) {
      signal?.throwIfAborted();
      const device = shared.get(graph.float) ?? open(loweringFor[graph.float]);
      shared.set(graph.float, device);
      let name = names.get(graph);
      if (name === undefined) {
        // Two graphs of one name would replace each other on the device.
        name = `${graph.name}-${names.size}`;
        names.set(graph, name);
        await device.load({ ...withoutState(graph), name });
      }
      const outputs = await device.run(name, feeds);
      return Object.fromEntries(Object.entries(outputs).map(([key, data]) => [key, inFloat64(data)]));
    },
    async progress(done, all) {
      report(done, all);
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
    },
    async close() {
      await Promise.all(devices.map((device) => device.close()));
    },
  };
}

/** The numbers in float64; those that are, as they are: they came as a copy. */
function inFloat64(data: TensorData): Float64Array {
  if (data instanceof Float64Array) return data;
  return data instanceof BigInt64Array ? Float64Array.from(data, Number) : new Float64Array(data);
}

/** Parameters and state are fed like data, so that each run says everything that it depends on; updates become outputs. */
function withoutState(graph: Graph): Graph {
  return {
    ...graph,
    inputs: graph.inputs.map(({ value, role }) => ({ value, role: isStored(role) ? { kind: 'data' } : role })),
    outputs: [...graph.outputs, ...graph.updates.map(({ state, next }) => ({ name: state.name, value: next }))],
    updates: [],
  };
}
