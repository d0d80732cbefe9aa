import { describe, expect, it } from 'vitest';
import type { PhysicalNode } from '../../src/graph/physical.ts';
import { defaultModelSettings } from '../../src/models/model.ts';
import { lower, loweringNames } from '../../src/runtime/lowering-choice.ts';
import { buildStep } from '../../src/train/step-graph.ts';

const networks = [
  ['resnet20', 'batch'],
  ['vgg11', 'none'],
] as const;

describe.each(loweringNames)("lowering '%s'", (lowering) => {
  it.each(networks)('notes for every node of a step of %s, norm %s, the logical value behind it', (model, norm) => {
    const modelSettings = { ...defaultModelSettings, initialiser: 'he', norm, width: 0.25 } as const;
    const spec = { model, modelSettings, imageShape: [3, 32, 32], batchSize: 3, float: 'float32' } as const;
    const graph = buildStep('step', spec, { momentum: 0.9, weightDecay: 5e-4, nesterov: false });
    const logical = new Set(graph.nodes.flatMap(({ outputs }) => outputs.map(({ name }) => name)));
    const { nodes } = lower(graph, { lowering }, 'state');
    expect(nodes.length).toBeGreaterThan(graph.nodes.length / 2);
    // State that lies in one tensor is taken apart before all else, and updated after all else, for no single value.
    const has = ({ origin }: PhysicalNode): boolean => origin !== undefined;
    const own = nodes.slice(nodes.findIndex(has), nodes.findLastIndex(has) + 1);
    expect(own.length).toBeGreaterThan(0.9 * nodes.length);
    expect(own.filter(({ origin = '' }) => !logical.has(origin))).toEqual([]);
  });
});
