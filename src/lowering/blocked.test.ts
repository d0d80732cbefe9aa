import { describe, expect, it } from 'vitest';
import type { Graph } from '../graph/graph.ts';
import type { PhysicalGraph, PhysicalNode } from '../graph/physical.ts';
import type { NormName } from '../norms/index.ts';
import { classifier } from '../problems/classifier.ts';
import { sgd } from '../train/optimisers/sgd.ts';
import { buildStep } from '../train/step-graph.ts';
import { lowerBlocked } from './blocked.ts';
import type { BlockedOptions } from './fast/blocked/choice.ts';
import { lowerPortable } from './portable.ts';

function step(model: 'resnet20' | 'vgg11', norm: NormName): Graph {
  return buildStep('step', classifier(model, { input: [3, 8, 8], norm }), 16, sgd({ momentum: 0.9 }));
}

const isBlocked = ({ domain, op }: PhysicalNode): boolean => domain === 'com.microsoft.nchwc' && op === 'Conv';
const isActivated = (node: PhysicalNode): boolean => node.attrs['activation'] === 'Relu';
const sizes = ({ nodes }: PhysicalGraph, pick: (node: PhysicalNode) => boolean): number => nodes.filter(pick).length;

describe.each([8, 16] as const)('lowerBlocked(), in blocks of %i', (block) => {
  const options: BlockedOptions = { convolution: 'winograd4', packsState: true, block };

  it('makes batch norm, residual sum and ReLU one op, and makes it again for the backward pass', () => {
    const graph = lowerBlocked(step('resnet20', 'batch'), options);
    // Two layers lie between Winograd convolutions, in the layout of those.
    expect(sizes(graph, ({ op }) => op === 'Relu')).toBe(2);
    const activated = graph.nodes.filter((node) => isBlocked(node) && isActivated(node));
    const sums = activated.filter(({ inputs }) => inputs.length === 4);
    // There are 9 blocks, and the first has the stem before it: a row of four sums, whose fourth is kept, and then two
    // rows of three.
    expect([activated.length - sums.length, sums.length]).toEqual([2 * 8, 2 * 9 - 1]);
  });

  it('makes convolution, bias, residual sum and ReLU one op where nothing normalises', () => {
    const graph = lowerBlocked(step('resnet20', 'none'), options);
    // 14 layers, and the shortcut to the first of those by Winograd, whose products nothing can become part of.
    const direct = graph.nodes.filter((node) => isBlocked(node) && isActivated(node));
    expect(direct.length).toBe(15);
    expect(direct.every(({ inputs }) => inputs.length >= 3)).toBe(true);
  });

  it('stores weights as convolutions read them, velocities alike, the first and the wide ones in their own way', () => {
    const ports = new Map(
      lowerBlocked(step('resnet20', 'batch'), options).inputs.map(({ name, perm }) => [name, perm]),
    );
    const layouts = ['conv1', 'stage1/block1/conv1', 'stage3/block1/conv1', 'stage3/block1/conv2'].map((layer) => {
      const weight = ports.get(`${layer}/weight`);
      expect(ports.get(`sgd/${layer}/weight/velocity`)).toEqual(weight);
      return weight;
    });
    expect(layouts).toEqual([
      [0, 1, 2, 3, 0],
      [0, 1, 2, 3, 1, 0],
      [0, 1, 2, 3, 1, 0],
      [2, 3, 1, 0],
    ]);
  });

  it('convolves all layers in blocks where none may be Winograd’s', () => {
    const graph = lowerBlocked(step('resnet20', 'batch'), { ...options, convolution: 'direct' });
    const products = graph.nodes.filter(({ op, inputs }) => op.endsWith('MatMul') && inputs[0]?.shape.length !== 2);
    expect(products).toEqual([]);
  });

  it('leaves networks that pool to the portable lowering', () => {
    const graph = step('vgg11', 'batch');
    expect(lowerBlocked(graph, options)).toEqual(lowerPortable(graph, options));
  });
});
