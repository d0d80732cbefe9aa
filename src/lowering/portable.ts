/**
 * @file The portable lowering: images as [H, W, N, C], Winograd convolutions, standard ONNX ops and ORT's FusedMatMul.
 * Float32, for every processor and for WebAssembly; ORT's own optimiser has nothing left to do.
 */

import type { Graph } from '../graph/graph.ts';
import type { PhysicalGraph } from '../graph/physical.ts';
import type { FastOptions } from './fast/context.ts';
import { IMAGE, WEIGHT } from './fast/layout.ts';
import { lowerByRules } from './fast/lower.ts';
import { rules } from './fast/rules.ts';
import type { Storage } from './fast/settle.ts';
import { hideLargeShapes } from './large-buffers.ts';

const storage: Storage = { block: 1, weight: () => WEIGHT, images: () => IMAGE };

/**
 * Lowers a logical graph to what ORT's CPU kernels run fast. Parameters, states and their updates are stored as the
 * computation wants them, which their ports say; data and random inputs as they are fed.
 * @throws {UnsupportedOpError} for a graph in float64.
 */
export function lowerPortable(graph: Graph, options: FastOptions): PhysicalGraph {
  return hideLargeShapes(lowerByRules(graph, options, rules, storage));
}
