/**
 * @file The blocked lowering: convolutions of fewer than 64 channels (of any number where none may be Winograd's) on
 * blocks of 16 or of 8, by ORT's internal ops, all the rest as in the portable lowering. Float32, x86 with AVX-512 or
 * without, in this order; the fastest for residual networks.
 */

import type { Graph } from '../graph/graph.ts';
import type { PhysicalGraph } from '../graph/physical.ts';
import { blockedBatchNormalizationGradRule, blockedBatchNormalizationRule } from './fast/blocked/batch-norm.ts';
import { type BlockedOptions, isInBlocks, weightLayout } from './fast/blocked/choice.ts';
import { blockedConvInputGradRule, blockedConvRule, blockedConvWeightGradRule } from './fast/blocked/convolution.ts';
import {
  blockedAddRule,
  blockedReduceSumRule,
  blockedReluGradRule,
  blockedReluRule,
} from './fast/blocked/elementwise.ts';
import { BLOCKED, IMAGE } from './fast/layout.ts';
import { lowerByRules } from './fast/lower.ts';
import { type RuleTable, rules } from './fast/rules.ts';
import { lowerPortable } from './portable.ts';

const blockedRules: RuleTable = {
  ...rules,
  Add: { ...rules.Add, lower: blockedAddRule },
  Relu: { ...rules.Relu, lower: blockedReluRule },
  ReluGrad: { ...rules.ReluGrad, lower: blockedReluGradRule },
  ReduceSum: { ...rules.ReduceSum, lower: blockedReduceSumRule },
  Conv: { ...rules.Conv, lower: blockedConvRule },
  ConvInputGrad: { ...rules.ConvInputGrad, lower: blockedConvInputGradRule },
  ConvWeightGrad: { ...rules.ConvWeightGrad, lower: blockedConvWeightGradRule },
  BatchNormalization: { ...rules.BatchNormalization, lower: blockedBatchNormalizationRule },
  BatchNormalizationGrad: { ...rules.BatchNormalizationGrad, lower: blockedBatchNormalizationGradRule },
};

/** @throws {UnsupportedOpError} for a graph in float64. */
export function lowerBlocked(graph: Graph, options: BlockedOptions): PhysicalGraph {
  // Pooling has no form in blocks: networks that pool between all stages would move their images back and forth.
  if (graph.nodes.some(({ op }) => op.startsWith('MaxPool'))) return lowerPortable(graph, options);
  return lowerByRules(graph, options, blockedRules, {
    block: options.block,
    weight: (shape) => weightLayout(shape, options),
    images: (weight, attrs) => (isInBlocks(weight, weightLayout(weight, options), attrs) ? BLOCKED : IMAGE),
  });
}
