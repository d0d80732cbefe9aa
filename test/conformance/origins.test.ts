import { describe, expect, it } from 'vitest';
import type { PhysicalNode } from '../../src/graph/physical.ts';
import { classifier } from '../../src/problems/classifier.ts';
import { lower, loweringNames } from '../../src/runtime/lowering-choice.ts';
import { sgd } from '../../src/train/optimisers/sgd.ts';
import { buildStep } from '../../src/train/step-graph.ts';

const networks = [
  ['resnet20', 'batch'],
  ['vgg11', 'none'],
] as const;

describe.each(loweringNames)("lowering '%s'", (lowering) => {
  it.each(networks)('notes for every node of a step of %s, norm %s, the logical value behind it', (model, norm) => {
    const problem = classifier(model, { input: [3, 32, 32], norm, width: 0.25 });
    const graph = buildStep('step', problem, 3, sgd({ momentum: 0.9, weightDecay: 5e-4 }));
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
