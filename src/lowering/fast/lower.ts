/** @file What both fast lowerings do: settle layouts, lower node by node, pack the state, drop what nobody reads. */

import { UnsupportedOpError } from '../../errors.ts';
import { type Graph, isStored, type Node, type Value } from '../../graph/graph.ts';
import type { OpName } from '../../graph/op-attributes.ts';
import {
  PhysicalBuilder,
  type PhysicalGraph,
  type PhysicalNode,
  physicalValue,
  type Port,
} from '../../graph/physical.ts';
import { identity, isIdentity, type Perm, storedShape } from '../../graph/stored-layout.ts';
import { outputPorts } from '../ports.ts';
import { FastContext, type FastOptions } from './context.ts';
import { type Laid, storedData } from './layout.ts';
import { packState } from './pack-state.ts';
import type { RuleTable } from './rules.ts';
import { settleLayouts, type Storage } from './settle.ts';

/**
 * Lowers node by node: each by the rule of its op, in the layouts that the storage settles.
 * @throws {UnsupportedOpError} for a graph in float64.
 */
export function lowerByRules(graph: Graph, options: FastOptions, table: RuleTable, storage: Storage): PhysicalGraph {
  if (graph.float !== 'float32') {
    throw new UnsupportedOpError(
      `This lowering computes in float32, got a graph in ${graph.float}; use the reference lowering`,
    );
  }
  const b = new PhysicalBuilder(storage.block);
  const c = new FastContext(b, options, graph, settleLayouts(graph, table, storage));
  const inputs = graph.inputs.map(({ value, role }): Port => {
    const perm = isStored(role) ? c.layoutOf(value) : identity(value.shape.length);
    const stored = physicalValue(value.name, { dtype: value.dtype, shape: storedShape(value.shape, perm, b.block) });
    c.define(value, { value: stored, perm });
    return port(value.name, { value: stored, perm });
  });
  for (const { value, data } of graph.constants) {
    const perm = c.layoutOf(value);
    const stored = b.constant(
      storedData(data, value.shape, perm, b.block),
      storedShape(value.shape, perm, b.block),
      value.dtype,
    );
    c.define(value, { value: stored, perm });
  }
  for (const node of graph.nodes) lowerNode(c, table, node);
  // Conversions are emitted before the ports are made, which tell made values from fed ones.
  const updates = new Map(graph.updates.map(({ state, next }) => [next, laidAs(c, next, c.layoutOf(state))]));
  const ports = outputPorts(graph, b, (value) => {
    const { value: stored, perm } = updates.get(value) ?? c.laid(value);
    return { value: stored, perm: isIdentity(perm) ? undefined : perm };
  });
  const stored = new Set(graph.inputs.filter(({ role }) => isStored(role)).map(({ value }) => value.name));
  const packed = options.packsState
    ? packState(b, inputs, ports.updates, (name) => stored.has(name))
    : { inputs, updates: ports.updates, nodes: b.nodes };
  const results = [...ports.outputs, ...packed.updates];
  return {
    name: graph.name,
    inputs: packed.inputs,
    outputs: ports.outputs,
    updates: packed.updates,
    initialisers: b.initialisers,
    nodes: usedNodes(packed.nodes, results),
  };
}

function lowerNode<K extends OpName>(c: FastContext, table: RuleTable, node: Node<K>): void {
  c.b.origin = node.outputs[0]?.name;
  const laid = table[node.op].lower(c, node);
  node.outputs.forEach((output, i) => {
    const result = laid[i];
    if (result !== undefined) c.define(output, result);
  });
}

function laidAs(c: FastContext, value: Value, perm: Perm): Laid {
  c.b.origin = value.name;
  return { value: c.read(value, perm), perm };
}

function port(name: string, { value, perm }: Laid): Port {
  return { name, value, perm: isIdentity(perm) ? undefined : perm };
}

/** The nodes that the results need, in their order. */
function usedNodes(nodes: readonly PhysicalNode[], results: readonly Port[]): readonly PhysicalNode[] {
  const needed = new Set(results.map(({ value }) => value));
  const used = nodes.toReversed().filter((node) => {
    if (!node.outputs.some((output) => needed.has(output))) return false;
    for (const input of node.inputs) needed.add(input);
    return true;
  });
  return used.reverse();
}
