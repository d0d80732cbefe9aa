/** @file A physical graph that is run for many values of one scalar in one go, and shares what is the same for all. */

import {
  type PhysicalGraph,
  type PhysicalNode,
  type PhysicalValue,
  physicalValue,
  type Port,
} from '../graph/physical.ts';
import { elementCount } from '../graph/tensor-type.ts';

/**
 * The graph for `count` values of the scalar input `input`, which is then fed as a vector; each output has a leading
 * axis of that size. Nodes that depend on the scalar become the body of an ONNX Scan, which runs it value by value in
 * the memory of one; all others are computed once, before.
 * @throws {RangeError} where the graph has no such scalar, writes anything, or has an output without it.
 */
export function sweepOver(graph: PhysicalGraph, input: string, count: number): PhysicalGraph {
  const swept = graph.inputs.find(({ name }) => name === input);
  if (swept === undefined || elementCount(swept.value.shape) !== 1 || graph.updates.length > 0) {
    throw new RangeError(
      `A sweep must be over a scalar of a graph that writes nothing, got '${input}' of ${graph.name}`,
    );
  }
  const dependent = new Set<PhysicalValue>([swept.value]);
  const [inside, outside]: [PhysicalNode[], PhysicalNode[]] = [[], []];
  for (const node of graph.nodes) {
    const depends = node.inputs.some((value) => dependent.has(value));
    (depends ? inside : outside).push(node);
    if (depends) for (const output of node.outputs) dependent.add(output);
  }
  const fixed = graph.outputs.find(({ value }) => !dependent.has(value));
  if (fixed !== undefined) throw new RangeError(`Outputs of a sweep must depend on '${input}', got '${fixed.name}'`);

  const readOutside = new Set(outside.flatMap((node) => node.inputs));
  const body: PhysicalGraph = {
    name: `${graph.name}/sweep`,
    inputs: [swept],
    outputs: graph.outputs,
    updates: [],
    initialisers: graph.initialisers.filter(({ value }) => !readOutside.has(value)),
    nodes: inside,
  };
  const whole = ({ name, value, perm }: Port): Port => ({
    name,
    value: physicalValue(`${value.name}#sweep`, { dtype: value.dtype, shape: [count, ...value.shape] }),
    perm: perm && [0, ...perm.map((axis) => axis + 1)],
  });
  const [outer, outputs] = [whole(swept), graph.outputs.map(whole)];
  const scan: PhysicalNode = {
    domain: '',
    op: 'Scan',
    inputs: [outer.value],
    outputs: outputs.map(({ value }) => value),
    attrs: { num_scan_inputs: 1, body: { graph: body } },
  };
  return {
    ...graph,
    inputs: graph.inputs.map((port) => (port === swept ? outer : port)),
    outputs,
    initialisers: graph.initialisers.filter(({ value }) => readOutside.has(value)),
    nodes: [...outside, scan],
  };
}
