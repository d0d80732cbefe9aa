/** @file A file's graph as rules ask it: who makes a value, who reads it, what is constant, what a node is called. */

import { constantsOf } from '../onnx/constants.ts';
import { layerNames } from '../onnx/layer-names.ts';
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor } from '../onnx/model.ts';

export interface GraphView {
  readonly graph: OnnxGraph;
  readonly constants: ReadonlyMap<string, OnnxTensor>;
  /** The constant whose numbers a name has, however they are turned, reshaped or cast on the way. */
  readonly constantBehind: (name: string | undefined) => OnnxTensor | undefined;
  /** What made a value, before it was turned, reshaped or cast. */
  readonly makerBehind: (name: string | undefined) => OnnxNode | undefined;
  /** Nodes of this graph; bodies of branches and loops read too, and count as the node that holds them. */
  readonly readers: (name: string) => readonly OnnxNode[];
  readonly isOutput: (name: string) => boolean;
  readonly isInput: (name: string) => boolean;
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
  const constants = constantsOf(graph, outer);
  const constantsBehind = new Map(constants);
  const makersBehind = new Map<string, OnnxNode>();
  const readers = new Map<string, OnnxNode[]>();
  // In the order in which they run: what is behind a node's input is known when the node's turn comes.
  for (const node of graph.nodes) {
    const [first = ''] = node.inputs;
    const [made = ''] = node.outputs;
    const constant = isRearranging(node) ? constantsBehind.get(first) : undefined;
    if (constant !== undefined && !constants.has(made)) constantsBehind.set(made, constant);
    const maker = isRearranging(node) ? makersBehind.get(first) : node;
    for (const name of node.outputs) if (name !== '' && maker !== undefined) makersBehind.set(name, maker);
    for (const name of new Set([...node.inputs, ...readInside(node)])) {
      const known = readers.get(name);
      if (known === undefined) readers.set(name, [node]);
      else known.push(node);
    }
  }
  const names = layerNames(graph.nodes);
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const inputs = new Set(graph.inputs.map(({ name }) => name));
  return {
    graph,
    constants,
    constantBehind: (name = '') => constantsBehind.get(name),
    makerBehind: (name = '') => makersBehind.get(name),
    readers: (name) => readers.get(name) ?? [],
    isOutput: (name) => outputs.has(name),
    isInput: (name) => inputs.has(name),
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

/** The one node that reads a value, where there is one and the value is no output of the graph. */
export function soleReader(view: GraphView, name: string): OnnxNode | undefined {
  const readers = view.readers(name);
  return readers.length > 1 || view.isOutput(name) ? undefined : readers[0];
}
