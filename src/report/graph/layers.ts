/** @file Which layer each node of a graph belongs to, read off the names that scopes gave them. */

import type { Graph, Node, Value } from '../../graph/graph.ts';

/** Scopes that hold every layer's nodes: they say what is done, not where. */
const passes = new Set(['grad', 'sgd']);

/** Whether a name lies in the backward pass or in the updates that end it. */
export function isBackward(name: string): boolean {
  return passes.has(name.split('/')[0] ?? '');
}

/**
 * Each node's layer, `conv1` or `grad/conv1`, norm included. A node outside all layers belongs to the layer that it
 * follows (an activation, a residual sum, an update), in the backward pass to the one that it precedes; where there is
 * none, it is a layer of its own name.
 */
export function layersOf(graph: Graph): ReadonlyMap<Node, string> {
  const layers = new Map<Node, string>();
  const producer = new Map<Value, Node>();
  const consumers = new Map<Value, Node[]>();
  for (const node of graph.nodes) {
    for (const output of node.outputs) producer.set(output, node);
    for (const input of node.inputs) consumers.set(input, [...(consumers.get(input) ?? []), node]);
  }
  const take = (node: Node, neighbours: readonly (Node | undefined)[]): void => {
    const found = neighbours
      .map((neighbour) => neighbour && layers.get(neighbour))
      .find((layer) => layer !== undefined);
    if (found !== undefined && !layers.has(node)) layers.set(node, found);
  };
  const before = (node: Node): readonly (Node | undefined)[] => node.inputs.map((input) => producer.get(input));
  const after = (node: Node): readonly Node[] => node.outputs.flatMap((output) => consumers.get(output) ?? []);

  for (const node of graph.nodes) {
    const layer = scopeOf(nameOf(node));
    if (layer !== undefined) layers.set(node, layer);
  }
  const gradients = graph.nodes.filter((node) => nameOf(node).startsWith('grad/'));
  for (const node of gradients.reverse()) take(node, after(node));
  for (const node of graph.nodes) take(node, before(node));
  for (const node of graph.nodes.toReversed()) take(node, after(node));
  return new Map(graph.nodes.map((node) => [node, layers.get(node) ?? nameOf(node)]));
}

export function nameOf(node: Node): string {
  return node.outputs[0]?.name ?? node.op;
}

/** The scope of a name without the norm in it; undefined where the name says no more than a pass. */
function scopeOf(name: string): string | undefined {
  const scopes = name.split('/').slice(0, -1);
  if (scopes.at(-1) === 'norm') scopes.pop();
  return scopes.every((scope) => passes.has(scope)) ? undefined : scopes.join('/');
}
