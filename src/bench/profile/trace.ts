/** @file What ONNX Runtime's profiler wrote: how long each run took, and each node in it. */

import { mean } from '../../math/statistics.ts';

/** An event of the trace, which is in Chrome's format; the duration is in microseconds. */
export interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
}

export interface TracedRun {
  readonly seconds: number;
  /** By name of the node. */
  readonly nodeSeconds: ReadonlyMap<string, number>;
}

const KERNEL = '_kernel_time';

/** The runs of one session in their order. */
export function readTrace(events: readonly TraceEvent[]): readonly TracedRun[] {
  const runs: TracedRun[] = [];
  let nodeSeconds = new Map<string, number>();
  for (const { cat, name, dur } of events) {
    const seconds = dur / 1e6;
    if (cat === 'Node' && name.endsWith(KERNEL)) nodeSeconds.set(name.slice(0, -KERNEL.length), seconds);
    // A run is noted when it ends, after its nodes.
    if (cat === 'Session' && name === 'model_run') {
      runs.push({ seconds, nodeSeconds });
      nodeSeconds = new Map();
    }
  }
  return runs;
}

/** Per node, the mean over runs: unlike medians, means of parts add up to the mean of the whole. */
export function meanNodeSeconds(runs: readonly TracedRun[]): ReadonlyMap<string, number> {
  const names = [...(runs[0]?.nodeSeconds.keys() ?? [])];
  return new Map(names.map((name) => [name, mean(runs.map(({ nodeSeconds }) => nodeSeconds.get(name) ?? 0))]));
}

/** What of a step passes in its nodes, and around the session's runs. */
export interface StepParts {
  readonly nodeSeconds: ReadonlyMap<string, number>;
  readonly aroundSeconds: number;
}

/**
 * The parts of a step as they are when nothing is traced: each node without the overhead that a trace adds to it, and all
 * parts sped up alike where they would still add up to more than `total`.
 */
export function withoutTracing({ nodeSeconds, aroundSeconds }: StepParts, overhead: number, total: number): StepParts {
  const net = [...nodeSeconds].map(([name, seconds]) => [name, Math.max(0, seconds - overhead)] as const);
  const scale = Math.min(1, total / net.reduce((sum, [, seconds]) => sum + seconds, aroundSeconds));
  return {
    nodeSeconds: new Map(net.map(([name, seconds]) => [name, scale * seconds])),
    aroundSeconds: scale * aroundSeconds,
  };
}

/** The half that took the least time, and at least one: what slows a machine now and then only adds. */
export function fasterHalf<T>(runs: readonly T[], seconds: (run: T) => number): readonly T[] {
  return runs.toSorted((a, b) => seconds(a) - seconds(b)).slice(0, Math.ceil(runs.length / 2));
}
