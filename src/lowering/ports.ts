/** @file The outputs of a physical graph: values that nodes make, each under the names that read it. */

import type { Graph, Value } from '../graph/graph.ts';
import type { PhysicalBuilder, PhysicalGraph, Port } from '../graph/physical.ts';

/**
 * Ports for a graph's outputs and updates. What is directly an input or a constant is copied by an Identity, since a
 * session must not hand back the buffer it was fed; anything else is returned as it is, for Identity costs a pass.
 */
export function outputPorts(
  graph: Graph,
  b: PhysicalBuilder,
  stored: (value: Value) => Omit<Port, 'name'>,
): Pick<PhysicalGraph, 'outputs' | 'updates'> {
  const made = new Set(b.nodes.flatMap((node) => node.outputs));
  const port = (name: string, value: Value): Port => {
    const { value: physical, perm } = stored(value);
    return { name, value: made.has(physical) ? physical : b.emit('Identity', [physical], {}, physical.shape), perm };
  };
  return {
    outputs: graph.outputs.map(({ name, value }) => port(name, value)),
    updates: graph.updates.map(({ state, next }) => port(state.name, next)),
  };
}
