/** @file Where the time of a step goes: by kind of op, by layer and pass, and by both. */

import type { Graph } from '../../graph/graph.ts';
import type { PhysicalGraph, PhysicalNode } from '../../graph/physical.ts';
import { layersOf } from '../../report/graph/layers.ts';
import { type Ceilings, secondsAtBest } from './ceilings.ts';
import { type Work, workOf } from './work.ts';

export const passes = ['forward', 'backward', 'update'] as const;
export type Pass = (typeof passes)[number];

/** Something that took time, and the time that it would take at the machine's ceilings. */
export interface Share extends Work {
  readonly nodes: number;
  readonly seconds: number;
  readonly secondsAtBest: number;
}

export interface NodeShare extends Share {
  readonly name: string;
  /** The kind of op, such as `FusedMatMul`, `nchwc.Conv 3×3`. */
  readonly op: string;
  readonly layer: string;
  readonly pass: Pass;
}

/** Where nodes belong that serve no single value: small parameters of many layers are stored and updated as one. */
const packedState: Pick<NodeShare, 'layer' | 'pass'> = { layer: 'packed state', pass: 'update' };

/**
 * The nodes of a step with what each took, did, and would take at best.
 * @param seconds - of each node, by name
 */
export function attribute(
  graph: Graph,
  physical: PhysicalGraph,
  seconds: ReadonlyMap<string, number>,
  ceilings: Ceilings,
): readonly NodeShare[] {
  const layers = layersOf(graph);
  const places = new Map<string, Pick<NodeShare, 'layer' | 'pass'>>();
  for (const node of graph.nodes) {
    const layer = (layers.get(node) ?? '').replace(/^(grad|sgd)\//, '');
    for (const { name } of node.outputs) places.set(name, { layer, pass: passOf(name) });
  }
  return physical.nodes.map((node) => {
    const name = nameOf(node);
    const work = workOf(node);
    return {
      name,
      op: opOf(node),
      ...(places.get(node.origin ?? '') ?? packedState),
      nodes: 1,
      seconds: seconds.get(name) ?? 0,
      ...work,
      secondsAtBest: secondsAtBest(work, ceilings),
    };
  });
}

/** Shares with the same key, united, in the order in which the keys appear. */
export function groupBy<S extends Share>(shares: readonly S[], key: (share: S) => string): ReadonlyMap<string, Share> {
  const groups = new Map<string, Share>();
  for (const share of shares) groups.set(key(share), united(groups.get(key(share)) ?? nothing, share));
  return groups;
}

/** What it takes beyond the best: what a better kernel, or none, would win. */
export function lostSeconds({ seconds, secondsAtBest: best }: Share): number {
  return seconds - best;
}

export const nothing: Share = { nodes: 0, seconds: 0, bytes: 0, operations: 0, secondsAtBest: 0 };

export function united(a: Share, b: Share): Share {
  return {
    nodes: a.nodes + b.nodes,
    seconds: a.seconds + b.seconds,
    bytes: a.bytes + b.bytes,
    operations: a.operations + b.operations,
    secondsAtBest: a.secondsAtBest + b.secondsAtBest,
  };
}

function passOf(name: string): Pass {
  if (name.startsWith('sgd/')) return 'update';
  return name.startsWith('grad/') ? 'backward' : 'forward';
}

/** As the encoder names nodes. */
function nameOf({ op, outputs }: PhysicalNode): string {
  return outputs[0]?.name ?? op;
}

/** What tells kernels apart: the domain, the op, and of a convolution its kernel and whether it is grouped. */
function opOf({ domain, op, attrs }: PhysicalNode): string {
  const { kernel_shape: kernel, group } = attrs;
  const name = domain === 'com.microsoft.nchwc' ? `nchwc.${op}` : op;
  const size = Array.isArray(kernel) ? ` ${kernel.join('×')}` : '';
  return `${name}${size}${typeof group === 'number' && group > 1 ? ' grouped' : ''}`;
}
