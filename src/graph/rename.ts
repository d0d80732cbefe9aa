/** @file Other names for the values of a physical graph. */

import type { PhysicalGraph, PhysicalValue, Port } from './physical.ts';

/** The same graph in which values bear the given names; those without one keep theirs. */
export function renameValues(graph: PhysicalGraph, names: ReadonlyMap<PhysicalValue, string>): PhysicalGraph {
  const renamed = new Map([...names].map(([value, name]) => [value, { ...value, name }]));
  const value = (old: PhysicalValue): PhysicalValue => renamed.get(old) ?? old;
  const ports = (old: readonly Port[]): readonly Port[] => old.map((port) => ({ ...port, value: value(port.value) }));
  return {
    name: graph.name,
    inputs: ports(graph.inputs),
    outputs: ports(graph.outputs),
    updates: ports(graph.updates),
    initialisers: graph.initialisers.map(({ value: old, data }) => ({ value: value(old), data })),
    nodes: graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(value), outputs: node.outputs.map(value) })),
  };
}
