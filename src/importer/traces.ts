/** @file From what was built node by node to layers as probes see them: linear map, norm, what is added, activation. */

import type { Value } from '../graph/graph.ts';
import { statisticsOf } from '../models/model.ts';
import type { Network } from '../nn/network.ts';
import type { Part } from './site.ts';
import { readersOf } from './walks.ts';

/** One node that has been built. */
export interface Built {
  readonly layer: string;
  readonly part: Part;
  readonly inputs: readonly Value[];
  readonly output: Value;
  readonly parameters: readonly Value[];
}

/** Leaves a trace of every layer with weights, and of every norm that follows none. */
export function leaveTraces(network: Network, nodes: readonly Built[]): void {
  const readers = readersOf<Value, Built>(nodes);
  const follower = (value: Value, ...parts: readonly Part[]): Built | undefined => {
    const [reader, ...others] = readers.get(value) ?? [];
    return reader !== undefined && others.length === 0 && parts.includes(reader.part) ? reader : undefined;
  };
  const told = new Set<Built>();
  for (const node of nodes) {
    if (told.has(node) || (node.part !== 'linear' && node.part !== 'norm')) continue;
    const linear = node.part === 'linear' ? node : undefined;
    const bias = linear && follower(linear.output, 'bias');
    const mapped = (bias ?? linear)?.output ?? node.inputs[0] ?? node.output;
    const norm = linear === undefined ? node : follower(mapped, 'norm');
    const normed = norm?.output ?? mapped;
    const sum = follower(normed, 'add');
    const summed = sum?.output ?? normed;
    const activation = follower(summed, 'activation');
    const members = [linear, bias, norm, sum, activation].filter((member) => member !== undefined);
    for (const member of members) told.add(member);
    network.layers.push({
      name: node.layer,
      linear: mapped,
      normed,
      summed,
      residual: sum?.inputs.find((value) => value !== normed),
      output: activation?.output ?? summed,
      parameters: members.flatMap(({ parameters }) => parameters),
      statistics: norm === undefined ? new Map() : statisticsOf(network, norm.layer),
    });
  }
}
