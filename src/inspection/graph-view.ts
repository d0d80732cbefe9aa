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

/** @throws {DataError} as `constantsOf` does */
export function viewGraph(graph: OnnxGraph): GraphView {
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
    constants: constantsOf(graph),
    makers,
    readers: (name) => readers.get(name) ?? [],
    nameOf: (node) => names.get(node) ?? node.op,
  };
}

/** All names that the bodies of a node read, their own among them. */
function readInside({ attributes }: OnnxNode): readonly string[] {
  return [...attributes.values()].flatMap((attribute) =>
    attribute.kind === 'graph' ? attribute.value.nodes.flatMap((node) => [...node.inputs, ...readInside(node)]) : [],
  );
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
