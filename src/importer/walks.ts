/** @file Who makes and who reads the values of a file, and which of them follow the data. */

import type { OnnxGraph, OnnxNode } from '../onnx/model.ts';

/** Ops whose result says only how large their operand is. */
const OF_SHAPE = new Set(['Shape', 'Size']);

type Makers = ReadonlyMap<string, OnnxNode>;

/** The node that makes each value. */
export function makersOf({ nodes }: OnnxGraph): Makers {
  return new Map(nodes.flatMap((node) => node.outputs.flatMap((name) => (name === '' ? [] : [[name, node] as const]))));
}

/** The nodes that read each value. */
export function readersOf(nodes: readonly OnnxNode[]): ReadonlyMap<string, readonly OnnxNode[]> {
  const readers = new Map<string, OnnxNode[]>();
  for (const node of nodes) {
    for (const name of node.inputs) readers.set(name, [...(readers.get(name) ?? []), node]);
  }
  return readers;
}

/** Names of all values that follow what is fed to `input`, and not its shape alone. */
export function dynamicValues({ nodes }: OnnxGraph, input: string): ReadonlySet<string> {
  const dynamic = new Set([input]);
  for (const { op, inputs, outputs } of nodes) {
    if (OF_SHAPE.has(op) || !inputs.some((name) => dynamic.has(name))) continue;
    for (const name of outputs) dynamic.add(name);
  }
  return dynamic;
}
