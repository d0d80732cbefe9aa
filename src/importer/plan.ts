/** @file Which nodes of a file are the network: those between what is fed and the logits. */

import { DataError, UnsupportedOpError } from '../errors.ts';
import type { OnnxGraph, OnnxNode, OnnxTensor } from '../onnx/model.ts';
import { ruleOf } from './rules/index.ts';
import { type Measurement } from './measure.ts';
import { makersOf } from './walks.ts';

/** What of a file is the network, and all that is known of it beforehand. */
export interface Plan {
  readonly name: string;
  readonly input: string;
  readonly logits: string;
  readonly nodes: readonly OnnxNode[];
  readonly layers: ReadonlyMap<OnnxNode, string>;
  readonly constants: ReadonlyMap<string, OnnxTensor>;
  readonly measurement: Measurement;
  /** By linear layer: the batch norm that alone reads it. */
  readonly normsBehind: ReadonlyMap<OnnxNode, OnnxNode>;
}

/** What follows the logits and is no part of what is trained: cross-entropy takes logits. */
const BEHIND_LOGITS = new Set(['Softmax', 'LogSoftmax', 'Sigmoid', 'ArgMax', 'Identity', 'Cast']);
/** May stand between logits and what is cut off behind them. */
const RESHAPES = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);

/**
 * The value that the softmax of the network is given.
 * @param asked - an output by name; default the first that follows the input
 * @throws {DataError} where there is none
 */
export function logitsOf(graph: OnnxGraph, dynamic: ReadonlySet<string>, asked?: string): string {
  const names = graph.outputs.map(({ name }) => name);
  const known = asked !== undefined && (names.includes(asked) || makersOf(graph).has(asked));
  const start = asked === undefined ? names.find((name) => dynamic.has(name)) : known ? asked : undefined;
  if (start === undefined) {
    throw new DataError(
      `An output of the network must be named that depends on its input, got ${asked ?? 'none'}; it has ${names.join(', ')}`,
    );
  }
  const makers = makersOf(graph);
  const behind = (name: string): string => {
    const node = makers.get(name);
    const from = node?.inputs[0];
    if (node === undefined || from === undefined || !dynamic.has(from)) return name;
    if (BEHIND_LOGITS.has(node.op)) return behind(from);
    if (!RESHAPES.has(node.op)) return name;
    const further = behind(from);
    return further === from ? name : further;
  };
  return behind(start);
}

/**
 * The nodes that lie between the input and the logits, in the file's order.
 * @throws {UnsupportedOpError} naming every op that cannot be trained through
 */
export function nodesBetween(graph: OnnxGraph, dynamic: ReadonlySet<string>, logits: string): readonly OnnxNode[] {
  const makers = makersOf(graph);
  const needed = new Set<OnnxNode>();
  const waiting = [logits];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const node = makers.get(name);
    if (node === undefined || needed.has(node) || !dynamic.has(name)) continue;
    needed.add(node);
    waiting.push(...node.inputs);
  }
  const nodes = graph.nodes.filter((node) => needed.has(node));
  const unknown = [
    ...new Set(
      nodes
        .filter(({ op, domain }) => domain !== '' || ruleOf(op) === undefined)
        .map(({ op, domain }) => (domain === '' ? op : `${domain}.${op}`)),
    ),
  ];
  if (unknown.length === 0) return nodes;
  throw new UnsupportedOpError(
    `Cannot train through ${unknown.join(', ')}; export the network without ${unknown.length === 1 ? 'it' : 'them'}, or cut it before with --output`,
  );
}
