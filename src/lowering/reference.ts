/**
 * @file The reference lowering: each op in its reference form, every value in its logical layout and under its logical
 * name. Slow, readable, float32 and float64; what the fast lowerings are tested against.
 */

import type { Graph, Node, Value } from '../graph/graph.ts';
import {
  PhysicalBuilder,
  type PhysicalGraph,
  type PhysicalValue,
  physicalValue,
  type Port,
} from '../graph/physical.ts';
import { renameValues } from '../graph/rename.ts';
import { outputPorts } from './ports.ts';
import { referenceForm } from './reference-form.ts';

/** Emits what a node is written as. @returns its results in the order of its outputs; those that nobody reads may lack */
type Form = (b: PhysicalBuilder, node: Node, operands: readonly PhysicalValue[]) => readonly PhysicalValue[];

/** @param form - of each node; default its reference form */
export function lowerReference(graph: Graph, form: Form = referenceForm): PhysicalGraph {
  const b = new PhysicalBuilder();
  const physical = new Map<Value, PhysicalValue>();
  const names = new Map<PhysicalValue, string>();
  const inputs: Port[] = graph.inputs.map(({ value }) => {
    const input = physicalValue(value.name, value);
    physical.set(value, input);
    return { name: value.name, value: input, perm: undefined };
  });
  for (const { value, data } of graph.constants) physical.set(value, b.constant(data, value.shape, value.dtype));
  for (const node of graph.nodes) {
    b.origin = node.outputs[0]?.name;
    const operands = node.inputs.map((input) => lookUp(physical, input));
    const results = form(b, node, operands);
    node.outputs.forEach((output, i) => {
      const result = results[i];
      if (result === undefined) return;
      physical.set(output, result);
      if (!names.has(result)) names.set(result, output.name);
    });
  }
  const stored = (value: Value): Omit<Port, 'name'> => ({ value: lookUp(physical, value), perm: undefined });
  const ports = outputPorts(graph, b, stored);
  const made = new Set(b.nodes.flatMap((node) => node.outputs));
  for (const value of names.keys()) if (!made.has(value)) names.delete(value);
  return renameValues({ name: graph.name, inputs, ...ports, initialisers: b.initialisers, nodes: b.nodes }, names);
}

function lookUp(physical: ReadonlyMap<Value, PhysicalValue>, value: Value): PhysicalValue {
  const found = physical.get(value);
  if (found === undefined) throw new RangeError(`Value '${value.name}' must be lowered before it is read`);
  return found;
}
