/** @file The order of a model's nodes: no computation depends on it, but how long ONNX Runtime takes to load one does. */

import type { PhysicalGraph } from '../graph/physical.ts';

/**
 * The same graph with those nodes in front that read nothing but inputs and constants. ONNX Runtime sorts a model's
 * nodes several times by a linked list of those that are ready, first in the file first, and walks the whole list for
 * each node; an optimiser's products, which are ready from the start and stand at the end, would lie in it throughout.
 */
export function readyFirst(graph: PhysicalGraph): PhysicalGraph {
  const made = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  const isReady = graph.nodes.map(({ inputs }) => !inputs.some((input) => made.has(input)));
  return {
    ...graph,
    nodes: [...graph.nodes.filter((_, i) => isReady[i]), ...graph.nodes.filter((_, i) => !isReady[i])],
  };
}
