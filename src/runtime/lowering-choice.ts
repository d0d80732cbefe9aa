/** @file Which lowering a graph takes. The choice is part of a run's manifest, since it decides the last bits. */

import type { Graph } from '../graph/graph.ts';
import type { PhysicalGraph } from '../graph/physical.ts';
import { lowerReference } from '../lowering/reference.ts';

export type LoweringName = 'reference';

export interface LoweringSettings {
  readonly lowering: LoweringName;
}

export function lower(graph: Graph, _settings: LoweringSettings): PhysicalGraph {
  return lowerReference(graph);
}
