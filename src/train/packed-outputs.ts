/** @file The outputs of a graph as one vector: every tensor that leaves a run costs a fetch and a message of its own. */

import type { Graph, Node, Value } from '../graph/graph.ts';
import { elementCount, sameShape } from '../graph/tensor-type.ts';
import { outputOf, type Tensors } from '../runtime/device.ts';

export interface PackedGraph {
  /** The same computation with one output, `packed`, in place of all that are of its float type. */
  readonly graph: Graph;
  /** What the graph gives as the outputs that the original one would give, flat. */
  readonly unpack: (outputs: Tensors) => Tensors;
}

const PACKED = 'packed';

export function packOutputs(graph: Graph): PackedGraph {
  const floats = graph.outputs.filter(({ value }) => value.dtype === graph.float);
  const others = graph.outputs.filter(({ value }) => value.dtype !== graph.float);
  const flat = floats.map(({ name, value }) => ({ name, ...flattened(`${PACKED}/${name}`, value) }));
  const parts = flat.map(({ value }) => value);
  let length = 0;
  const places = flat.map(({ name, value }) => {
    const start = length;
    length += elementCount(value.shape);
    return { name, start, end: length };
  });
  const packed: Value = { name: PACKED, dtype: graph.float, shape: [length] };
  const joined: Node<'Concat'> = { op: 'Concat', inputs: parts, outputs: [packed], attrs: { axis: 0 } };
  return {
    graph: {
      ...graph,
      nodes: [...graph.nodes, ...flat.flatMap(({ node }) => node ?? []), joined],
      outputs: [{ name: PACKED, value: packed }, ...others],
    },
    unpack: (outputs) => {
      const data = outputOf(outputs, PACKED);
      const { [PACKED]: _, ...rest } = outputs;
      return {
        ...rest,
        ...Object.fromEntries(places.map(({ name, start, end }) => [name, data.subarray(start, end)])),
      };
    },
  };
}

/** A value as a vector, with the node that makes it one if it is none. */
function flattened(name: string, value: Value): { readonly value: Value; readonly node?: Node<'Reshape'> } {
  const shape = [elementCount(value.shape)];
  if (sameShape(value.shape, shape)) return { value };
  const vector = { name, dtype: value.dtype, shape };
  return { value: vector, node: { op: 'Reshape', inputs: [value], outputs: [vector], attrs: { shape } } };
}
