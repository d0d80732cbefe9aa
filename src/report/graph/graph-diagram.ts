/** @file A graph as a diagram: one box per op, or per layer with its ops counted; shapes on the arrows. */

import { counted } from '../../counted.ts';
import { SettingError } from '../../errors.ts';
import type { Graph, Node, Value } from '../../graph/graph.ts';
import type { DiagramEdge, DiagramFigure, DiagramNode, LegendEntry } from '../../studies/diagram.ts';
import { isBackward, layersOf, nameOf } from './layers.ts';

export type Detail = 'layers' | 'ops';

/** Up to this many ops are drawn one by one when nothing is asked for. */
const FEW_OPS = 40;
/** Beyond this the layout would take minutes, and nobody could read it. */
const MOST_OPS = 1000;
/** Distinct ops that a layer's box names. */
const MOST_NAMED = 5;

const legend: readonly LegendEntry[] = [
  { sample: 'forward', text: 'forward pass' },
  { sample: 'backward', text: 'gradients, which flow back' },
  { sample: 'kept', text: 'what the backward pass reads of the forward pass' },
];

/**
 * The diagram of a graph; by op where there are few, by layer where there are many, unless told.
 * @throws {SettingError} for a graph of more than a thousand ops, op by op.
 */
export function graphDiagram(graph: Graph, detail?: Detail): DiagramFigure {
  const chosen = detail ?? (graph.nodes.length <= FEW_OPS ? 'ops' : 'layers');
  if (chosen === 'ops' && graph.nodes.length > MOST_OPS) {
    throw new SettingError(
      `A picture by op holds at most ${MOST_OPS} operations, got ${graph.nodes.length}; use --detail layers`,
    );
  }
  const layers = layersOf(graph);
  const boxOf = (node: Node): string => (chosen === 'ops' ? nameOf(node) : (layers.get(node) ?? nameOf(node)));
  const boxes = new Map<string, Node[]>();
  for (const node of graph.nodes) boxes.set(boxOf(node), [...(boxes.get(boxOf(node)) ?? []), node]);
  const inputs = drawnInputs(graph, chosen);
  const backwards = new Set(inputs.filter((input) => input.isBackward === true).map(({ id }) => id));
  const edges = edgesOf(graph, boxOf, new Set(inputs.map(({ id }) => id)), backwards);
  const kinds = new Set(edges.map(({ kind }) => kind));
  return {
    view: 'diagram',
    id: `graph-${graph.name}`,
    title: `${graph.name}, ${chosen === 'ops' ? 'op by op' : 'layer by layer'}: ${counted(graph.nodes.length, 'operation')}`,
    caption: `The graph as normscope builds it, in ${graph.float}; on the arrows the shapes of what they carry.`,
    nodes: [
      ...inputs,
      ...[...boxes].map(([id, nodes]) => (chosen === 'ops' ? opBox(id, nodes) : layerBox(id, nodes, graph))),
      ...graph.outputs.map(
        ({ name }): DiagramNode => ({ id: outputId(name), kind: 'input', label: name, details: [] }),
      ),
    ],
    edges,
    legend: legend.filter(({ sample }) => [...kinds].some((kind) => kind === sample)),
  };
}

/** Inputs that are fed; op by op those that are stored too, which layers hold inside. */
function drawnInputs({ inputs, nodes }: Graph, detail: Detail): readonly DiagramNode[] {
  return inputs.flatMap(({ value, role }): DiagramNode[] => {
    const isFed = role.kind === 'data' || role.kind === 'random';
    if (detail === 'layers' && !isFed) return [];
    const readers = nodes.filter((node) => node.inputs.includes(value));
    return [
      {
        id: inputId(value),
        kind: isFed ? 'input' : 'parameter',
        label: value.name,
        details: [role.kind],
        isBackward: readers.length > 0 && readers.every((node) => isBackward(nameOf(node))),
      },
    ];
  });
}

function opBox(id: string, nodes: readonly Node[]): DiagramNode {
  return { id, kind: 'computed', label: nodes[0]?.op ?? id, details: [id], isBackward: isBackward(id) };
}

function layerBox(id: string, nodes: readonly Node[], { updates }: Graph): DiagramNode {
  const ops = [...new Set(nodes.map(({ op }) => op))];
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  const written = updates.filter(({ next }) => made.has(next)).length;
  const rest = ops.length - MOST_NAMED;
  return {
    id,
    kind: 'computed',
    label: isBackward(id) ? `${id.slice('grad/'.length)}, backward` : id,
    isBackward: isBackward(id),
    details: [
      ops.slice(0, MOST_NAMED).join(' · ') + (rest > 0 ? ` · ${rest} more` : ''),
      counted(nodes.length, 'operation'),
      ...(written > 0 ? [`writes ${counted(written, 'tensor')}`] : []),
    ],
  };
}

/** One arrow per value between two boxes. */
function edgesOf(
  graph: Graph,
  boxOf: (node: Node) => string,
  inputs: ReadonlySet<string>,
  backwards: ReadonlySet<string>,
): readonly DiagramEdge[] {
  const makers = new Map<Value, string>();
  for (const { value } of graph.inputs) if (inputs.has(inputId(value))) makers.set(value, inputId(value));
  for (const node of graph.nodes) for (const output of node.outputs) makers.set(output, boxOf(node));
  const edges = new Map<string, DiagramEdge>();
  const join = (value: Value, to: string): void => {
    const from = makers.get(value);
    if (from === undefined || from === to) return;
    const kind = backwards.has(from) ? 'forward' : kindOf(from, to);
    const label = kind === 'kept' ? '' : `[${value.shape.join(', ')}]`;
    edges.set(`${kind === 'kept' ? '' : value.name}|${from}|${to}`, { from, to, label, kind });
  };
  for (const node of graph.nodes) for (const input of node.inputs) join(input, boxOf(node));
  for (const { name, value } of graph.outputs) join(value, outputId(name));
  return [...edges.values()];
}

function kindOf(from: string, to: string): DiagramEdge['kind'] {
  if (isBackward(from)) return 'backward';
  return isBackward(to) ? 'kept' : 'forward';
}

// Names of inputs and outputs may be those of layers or values.
const inputId = (value: Value): string => `input ${value.name}`;
const outputId = (name: string): string => `output ${name}`;
