/** @file A graph compiled for a session: ONNX bytes, and which port is fed, stored or returned. Crosses threads. */

import { SettingError } from '../errors.ts';
import { type Graph, isStored } from '../graph/graph.ts';
import type { PhysicalGraph, Port } from '../graph/physical.ts';
import type { BlockSize } from '../graph/stored-layout.ts';
import { validateGraph } from '../graph/validate.ts';
import { sweepOver } from '../lowering/sweep.ts';
import { encodeModel } from '../onnx/encode.ts';
import { ops } from '../ops/index.ts';
import { blockSize, type LoweringSettings, lower } from './lowering-choice.ts';
import { readyFirst } from './node-order.ts';
import type { RandomInput } from './random-inputs.ts';

export interface CompiledGraph {
  readonly name: string;
  readonly model: Uint8Array;
  /** Channels in a block, where ops have any that are right with one number alone. */
  readonly block: BlockSize | undefined;
  /** Ports fed at each run: data and scalars. */
  readonly feeds: readonly Port[];
  /** Ports drawn at each run. */
  readonly random: readonly RandomInput[];
  /** Ports read from what is stored between runs: parameters, state, scratch. */
  readonly stored: readonly Port[];
  readonly outputs: readonly Port[];
  readonly updates: readonly Port[];
}

/**
 * Validates, lowers and encodes a graph.
 * @param mayWrite - 'state' for the training step alone; every other graph may write nothing but scratch.
 * @throws {SettingError} where a graph that may not write state would.
 */
export function compile(graph: Graph, settings: LoweringSettings, mayWrite: 'state' | 'scratch'): CompiledGraph {
  validateGraph(graph, ops);
  const stored = new Map(
    graph.inputs.filter(({ role }) => isStored(role)).map(({ value, role }) => [value.name, role]),
  );
  const forbidden = graph.updates.find(({ state }) => stored.get(state.name)?.kind !== 'scratch');
  if (mayWrite === 'scratch' && forbidden !== undefined) {
    throw new SettingError(
      `Only the training step may write state, but '${graph.name}' writes '${forbidden.state.name}'`,
    );
  }
  const random = new Map(
    graph.inputs.flatMap(({ value, role }) => (role.kind === 'random' ? [[value.name, role] as const] : [])),
  );
  const lowered = lower(graph, settings, mayWrite);
  const physical = sweepAll(graph, lowered);
  return {
    name: graph.name,
    model: encodeModel(readyFirst(physical)),
    block: isInBlocks(lowered) ? blockSize(settings.lowering) : undefined,
    feeds: physical.inputs.filter(({ name }) => !stored.has(name) && !random.has(name)),
    random: physical.inputs.flatMap((port) => {
      const role = random.get(port.name);
      return role === undefined ? [] : [{ port, role }];
    }),
    stored: physical.inputs.filter((port) => stored.has(port.name)),
    outputs: physical.outputs,
    updates: physical.updates,
  };
}

function isInBlocks({ nodes }: PhysicalGraph): boolean {
  return nodes.some(({ domain }) => domain === 'com.microsoft.nchwc');
}

/** The lowered graph with what is swept run for all values. */
function sweepAll({ inputs }: Graph, physical: PhysicalGraph): PhysicalGraph {
  return inputs.reduce(
    (swept, { value, role }) => (role.kind === 'sweep' ? sweepOver(swept, value.name, role.count) : swept),
    physical,
  );
}
