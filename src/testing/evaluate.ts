/** @file Builds a small graph, runs it once in this thread, and returns its outputs: for tests. */

import { GraphBuilder } from '../graph/builder.ts';
import type { Graph, Value } from '../graph/graph.ts';
import type { FloatType } from '../graph/tensor-type.ts';
import { ops } from '../ops/index.ts';
import { Engine } from '../runtime/engine.ts';
import { type LoweringSettings, referenceLowering } from '../runtime/lowering-choice.ts';
import { nativeOrt } from '../runtime/node/native-ort.ts';
import type { Ort } from '../runtime/ort.ts';
import { compile } from '../runtime/program.ts';
import type { DrawKey } from '../runtime/random-inputs.ts';
import type { TensorData } from '../runtime/tensor-data.ts';

export type Feeds = Readonly<Record<string, TensorData>>;

/** Plain ONNX in logical layout: the form whose numbers are the yardstick. */
export const reference: LoweringSettings = referenceLowering;

/** A graph from a function that declares inputs and names outputs. */
export function buildGraph(float: FloatType, build: (g: GraphBuilder) => Readonly<Record<string, Value>>): Graph {
  const g = new GraphBuilder(ops, float);
  return g.finish('test', build(g));
}

/** The same computation with every input fed and every update an output, named like the state it would write. */
export function allFed(graph: Graph): Graph {
  return {
    ...graph,
    inputs: graph.inputs.map(({ value }) => ({ value, role: { kind: 'data' } })),
    outputs: [...graph.outputs, ...graph.updates.map(({ state, next }) => ({ name: state.name, value: next }))],
    updates: [],
  };
}

/**
 * A loaded program that can be run many times; `close` frees its session. Feeds for inputs that the graph has pruned,
 * since nothing depends on them, are left out.
 */
export async function openProgram(
  graph: Graph,
  settings: LoweringSettings = reference,
  ort: Ort = nativeOrt,
): Promise<{ run(feeds: Feeds, key?: DrawKey): Promise<Record<string, TensorData>>; close(): Promise<void> }> {
  const engine = new Engine(1, ort);
  const [program, state] = [0, 0];
  await engine.load(program, state, compile(graph, settings, 'state'));
  const used = new Set(graph.inputs.map(({ value }) => value.name));
  return {
    run: (feeds, key) =>
      engine.run(program, Object.fromEntries(Object.entries(feeds).filter(([name]) => used.has(name))), key),
    close: () => engine.close(),
  };
}

/** The outputs of a graph for one set of feeds. */
export async function evaluate(
  graph: Graph,
  feeds: Feeds,
  settings: LoweringSettings = reference,
  ort: Ort = nativeOrt,
): Promise<Record<string, TensorData>> {
  const program = await openProgram(graph, settings, ort);
  try {
    return await program.run(feeds);
  } finally {
    await program.close();
  }
}
