/** @file Where measurements without training are made: graphs run on devices that are closed when the work ends. */

import { type Graph, isStored } from '../graph/graph.ts';
import type { FloatType } from '../graph/tensor-type.ts';
import type { Problem } from '../problems/problem.ts';
import type { Device, OpenDevice, Program, Tensors } from '../runtime/device.ts';
import { type LoweringSettings, referenceLowering } from '../runtime/lowering-choice.ts';
import { inFloat64 } from '../runtime/tensor-data.ts';
import { openSession, type Session } from '../train/session.ts';
import type { SessionSettings } from '../train/session-settings.ts';

export interface Laboratory {
  /**
   * Runs a graph without state once, and loads it when it is first seen. Numbers come back in float64, whatever they
   * were computed in. Float64 graphs take the reference lowering, the only one for them; float32 graphs take `portable`,
   * with direct convolutions: what is measured here is the arithmetic that a study names, not a fast form of it.
   * @throws {InterruptedError} by way of the signal's reason.
   */
  run(graph: Graph, feeds: Tensors): Promise<Readonly<Record<string, Float64Array>>>;
  /** A training of a problem by the lowering of its float type, with a state of its own; closed with the laboratory. */
  openSession(problem: Problem, settings: SessionSettings): Promise<Session>;
  /** Says how far the work is, and gives way to others: long loops on the host call it now and then. */
  progress(done: number, all: number): Promise<void>;
}

const loweringFor: Readonly<Record<FloatType, LoweringSettings>> = {
  float64: referenceLowering,
  float32: { lowering: 'portable', convolution: 'direct' },
};

/**
 * @param openDevice - starts the devices that graphs run on, each with so many threads
 * @param report - told how far the work is, in parts done of all parts
 */
export function openLaboratory(
  openDevice: OpenDevice,
  threads: number,
  report: (done: number, all: number) => void,
  signal?: AbortSignal,
): Laboratory & { close(): Promise<void> } {
  const devices = new Map<FloatType, Device>();
  const programs = new Map<Graph, Program>();
  const deviceFor = (float: FloatType): Device => {
    const device = devices.get(float) ?? openDevice({ ...loweringFor[float], threads });
    devices.set(float, device);
    return device;
  };
  return {
    async openSession(problem, settings) {
      signal?.throwIfAborted();
      return openSession(deviceFor(problem.float).sibling(), problem, settings);
    },
    async run(graph, feeds) {
      signal?.throwIfAborted();
      const program = programs.get(graph) ?? (await deviceFor(graph.float).load(withoutState(graph)));
      programs.set(graph, program);
      const outputs = await program.run(feeds);
      return Object.fromEntries(Object.entries(outputs).map(([key, data]) => [key, inFloat64(data)]));
    },
    async progress(done, all) {
      report(done, all);
      await new Promise((resolve) => setTimeout(resolve, 0));
      signal?.throwIfAborted();
    },
    async close() {
      await Promise.all([...devices.values()].map((device) => device.close()));
    },
  };
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
