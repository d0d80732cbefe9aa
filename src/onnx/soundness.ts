/** @file What holds in every sound graph: each value is made once, and before it is read. */

import { DataError } from '../errors.ts';
import type { OnnxGraph, OnnxNode } from './model.ts';
import { shown } from './shown.ts';

/**
 * Throws unless every name is made once, by an input, a constant or a node, and is read only after that.
 * @param isMadeOutside - whether the graphs around this one have made a name: a body may read it, and hide it by its own
 * @throws {DataError} for a name made twice, a value that nothing makes, nodes out of order or in a ring
 */
export function requireSound(graph: OnnxGraph, isMadeOutside: (name: string) => boolean = () => false): void {
  const makers = new Map<string, OnnxNode>();
  const own = new Set<string>();
  const make = (name: string, node?: OnnxNode): void => {
    if (own.has(name)) throw new DataError(`Each value must be made once, got '${shown(name)}' twice; name them apart`);
    own.add(name);
    if (node !== undefined) makers.set(name, node);
  };
  const start = [...graph.inputs.map(({ name }) => name), ...graph.initialisers.keys(), ...graph.unread.keys()];
  for (const name of start) {
    if (name === '') throw new DataError('Inputs and constants of a graph must have names, got one without');
    make(name);
  }
  for (const node of graph.nodes) for (const name of node.outputs) if (name !== '') make(name, node);

  const made = new Set(start);
  const isMade = (name: string): boolean => made.has(name) || isMadeOutside(name);
  for (const node of graph.nodes) {
    for (const name of node.inputs) {
      if (name === '' || isMade(name)) continue;
      const maker = makers.get(name);
      throw maker === undefined
        ? new DataError(`${describe(node)} must read what is made, but nothing makes '${shown(name)}'`)
        : outOfOrder(graph, node, name);
    }
    for (const name of node.outputs) if (name !== '') made.add(name);
    for (const attribute of node.attributes.values()) {
      if (attribute.kind === 'graph') requireSound(attribute.value, isMade);
    }
  }
  for (const { name } of graph.outputs) {
    if (!isMade(name)) throw new DataError(`Outputs must be made, but nothing makes '${shown(name)}'`);
  }
}

/** A node with its name, if it has one. */
function describe({ op, name, outputs: [first = ''] }: OnnxNode): string {
  return name === '' ? `The ${shown(op)} that makes '${shown(first)}'` : `${shown(op)} '${shown(name)}'`;
}

function outOfOrder(graph: OnnxGraph, node: OnnxNode, name: string): DataError {
  return dependsOn(graph, name, node)
    ? new DataError(
        `Nodes must not go in a ring, but ${describe(node)} reads '${shown(name)}', which is made of its result`,
      )
    : new DataError(
        `Nodes must stand in the order in which they run, but ${describe(node)} reads '${shown(name)}' of a later one; ` +
          'sort them (onnx-graphsurgeon: graph.toposort())',
      );
}

/** Whether what makes a name needs, however indirectly, what a node makes. */
function dependsOn(graph: OnnxGraph, name: string, on: OnnxNode): boolean {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const seen = new Set<OnnxNode>();
  const open = [name];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const maker = next === '' ? undefined : makers.get(next);
    if (maker === on) return true;
    if (maker === undefined || seen.has(maker)) continue;
    seen.add(maker);
    open.push(...maker.inputs);
  }
  return false;
}
