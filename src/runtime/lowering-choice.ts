/** @file Which lowering a graph takes. The choice is part of a run's manifest, since it decides the last bits. */

import { unknownName } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { PhysicalGraph } from '../graph/physical.ts';
import { lowerBlocked } from '../lowering/blocked.ts';
import { lowerPortable } from '../lowering/portable.ts';
import { lowerReference } from '../lowering/reference.ts';

export type LoweringName = 'blocked' | 'portable' | 'portable-f2' | 'portable-direct' | 'reference';

/**
 * The lowerings by name. `portable` computes 3 × 3 convolutions by Winograd F(4,3), error about 1e-6 of the largest
 * value; `portable-f2` by F(2,3) and `portable-direct` by plain products, with rounding nearer to a plain convolution;
 * `reference` is plain ONNX, slow, and the only one for float64.
 */
const lowerings: Readonly<Record<LoweringName, (graph: Graph) => PhysicalGraph>> = {
  blocked: (graph) => lowerBlocked(graph, { convolution: 'winograd4' }),
  portable: (graph) => lowerPortable(graph, { convolution: 'winograd4' }),
  'portable-f2': (graph) => lowerPortable(graph, { convolution: 'winograd2' }),
  'portable-direct': (graph) => lowerPortable(graph, { convolution: 'direct' }),
  reference: lowerReference,
};

export const loweringNames: readonly LoweringName[] = Object.keys(lowerings) as LoweringName[];

export interface LoweringSettings {
  readonly lowering: LoweringName;
}

export function lower(graph: Graph, { lowering }: LoweringSettings): PhysicalGraph {
  return lowerings[lowering](graph);
}

/** @throws {SettingError} with the nearest known name. */
export function loweringName(name: string): LoweringName {
  if (Object.hasOwn(lowerings, name)) return name as LoweringName;
  throw unknownName('lowering', name, loweringNames);
}
