/** @file A file's graph as rules ask it: who makes a value, who reads it, what is constant, what a node is called. */

import { constantsOf } from '../onnx/constants.ts';
import { layerNames } from '../onnx/layer-names.ts';
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor } from '../onnx/model.ts';

export interface GraphView {
  readonly graph: OnnxGraph;
  readonly constants: ReadonlyMap<string, OnnxTensor>;
  readonly makers: ReadonlyMap<string, OnnxNode>;
  /** Nodes of this graph; bodies of branches and loops read too, and count as the node that holds them. */
  readonly readers: (name: string) => readonly OnnxNode[];
  /** What a person calls the node, as `layerNames` has it: no two nodes share it. */
  readonly nameOf: (node: OnnxNode) => string;
}

/**
 * The graph, and after it the bodies of its branches and loops, however deep; a body sees the constants around it.
 * @throws {DataError} as `constantsOf` does
 */
export function viewGraphs(
  graph: OnnxGraph,
  outer?: ReadonlyMap<string, OnnxTensor>,
): readonly [GraphView, ...GraphView[]] {
  const view = viewGraph(graph, outer);
  return [view, ...bodiesOf(graph.nodes).flatMap((body) => viewGraphs(body, readBy(body, view.constants)))];
}

/** The constants that a body reads, alone: a file may have very many bodies. */
function readBy({ nodes, outputs }: OnnxGraph, constants: ReadonlyMap<string, OnnxTensor>): Map<string, OnnxTensor> {
  const names = [...nodes.flatMap((node) => [...node.inputs, ...readInside(node)]), ...outputs.map(({ name }) => name)];
  return new Map(
    names.flatMap((name) => {
      const constant = constants.get(name);
      return constant === undefined ? [] : [[name, constant] as const];
    }),
  );
}

/** Bodies of branches and loops; not those inside these. */
function bodiesOf(nodes: readonly OnnxNode[]): readonly OnnxGraph[] {
  return nodes.flatMap(({ attributes }) =>
    [...attributes.values()].flatMap((attribute) => (attribute.kind === 'graph' ? [attribute.value] : [])),
  );
}

function viewGraph(graph: OnnxGraph, outer?: ReadonlyMap<string, OnnxTensor>): GraphView {
  const makers = new Map<string, OnnxNode>();
  const readers = new Map<string, OnnxNode[]>();
  for (const node of graph.nodes) {
    for (const name of node.outputs) if (name !== '') makers.set(name, node);
    for (const name of new Set([...node.inputs, ...readInside(node)])) {
      const known = readers.get(name);
      if (known === undefined) readers.set(name, [node]);
      else known.push(node);
    }
  }
  const names = layerNames(graph.nodes);
  return {
    graph,
    constants: constantsOf(graph, outer),
    makers,
    readers: (name) => readers.get(name) ?? [],
    nameOf: (node) => names.get(node) ?? node.op,
  };
}

/** All names that the bodies of a node read, their own among them. */
function readInside(node: OnnxNode): readonly string[] {
  return bodiesOf([node]).flatMap(({ nodes, outputs }) => [
    ...nodes.flatMap((inner) => [...inner.inputs, ...readInside(inner)]),
    ...outputs.map(({ name }) => name),
  ]);
}

/** A float, or an int where a file has one in its place. */
export function numberAttribute({ attributes }: OnnxNode, name: string, usual: number): number {
  const value: OnnxAttribute | undefined = attributes.get(name);
  return value?.kind === 'float' || value?.kind === 'int' ? value.value : usual;
}

/** Ops whose result has the numbers of their first input, in another shape, order or type. */
const rearranging = new Set(['Identity', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Transpose', 'Cast', 'Dropout']);

export function isRearranging({ op, domain }: OnnxNode): boolean {
  return domain === '' && rearranging.has(op);
}

/** The constant whose numbers a name has, however they are turned or reshaped on the way. */
export function constantBehind(view: GraphView, name: string | undefined): OnnxTensor | undefined {
  let at = name;
  while (at !== undefined) {
    const constant = view.constants.get(at);
    if (constant !== undefined) return constant;
    const maker: OnnxNode | undefined = view.makers.get(at);
    at = maker !== undefined && isRearranging(maker) ? maker.inputs[0] : undefined;
  }
  return undefined;
}

/** The one node that reads a value, where there is one and the value is no output of the graph. */
export function soleReader(view: GraphView, name: string): OnnxNode | undefined {
  const [reader, ...others] = view.readers(name);
  return others.length > 0 || view.graph.outputs.some((output) => output.name === name) ? undefined : reader;
}

/** Numbers in a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
