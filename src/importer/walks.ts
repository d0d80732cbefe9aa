/** @file Who makes and who reads the values of a file, and which of them follow the data. */

import type { OnnxGraph, OnnxNode } from '../onnx/model.ts';

/** Ops whose result says only how large their operand is. */
const OF_SHAPE = new Set(['Shape', 'Size']);

type Makers = ReadonlyMap<string, OnnxNode>;

/** The node that makes each value. */
export function makersOf({ nodes }: OnnxGraph): Makers {
  return new Map(nodes.flatMap((node) => node.outputs.flatMap((name) => (name === '' ? [] : [[name, node] as const]))));
}

/** Which nodes read each value, of a file by its name or of a graph: as often as a node reads it. */
export function readersOf<V, N extends { readonly inputs: readonly V[] }>(
  nodes: readonly N[],
): ReadonlyMap<V, readonly N[]> {
  const readers = new Map<V, N[]>();
  for (const node of nodes) {
    for (const value of node.inputs) {
      const known = readers.get(value);
      if (known === undefined) readers.set(value, [node]);
      else known.push(node);
    }
  }
  return readers;
}

/** What a node reads: its operands, and what bodies of branches and loops in it read around them. */
export function readsOf({ inputs, attributes }: OnnxNode): readonly string[] {
  const bodies = [...attributes.values()].flatMap((attribute) => (attribute.kind === 'graph' ? [attribute.value] : []));
  return [
    ...inputs,
    ...bodies.flatMap(({ nodes, outputs }) => [...nodes.flatMap(readsOf), ...outputs.map(({ name }) => name)]),
  ];
}

/** Names of all values that follow what is fed to `input`, and not its shape alone. */
export function dynamicValues({ nodes }: OnnxGraph, input: string): ReadonlySet<string> {
  const dynamic = new Set([input]);
  for (const node of nodes) {
    if (OF_SHAPE.has(node.op) || !readsOf(node).some((name) => dynamic.has(name))) continue;
    for (const name of node.outputs) dynamic.add(name);
  }
  return dynamic;
}

const MAKES_SEQUENCE = /^(Sequence(Empty|Construct|Insert|Erase|Map)|SplitToSequence|Optional)$/u;

/** Names of values that are lists of tensors, or perhaps none, which no run can give: loops carry them along. */
export function sequenceValues({ nodes }: OnnxGraph): ReadonlySet<string> {
  const sequences = new Set<string>();
  for (const { op, inputs, outputs } of nodes) {
    // A loop takes its count and its condition first; the values that it carries follow, and come out in their order.
    const carried = op === 'Loop' ? inputs.slice(2) : op === 'Identity' ? inputs : [];
    for (const [i, name] of outputs.entries()) {
      if (MAKES_SEQUENCE.test(op) || sequences.has(carried[i] ?? '')) sequences.add(name);
    }
  }
  return sequences;
}
