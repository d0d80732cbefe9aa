import { describe, expect, it } from 'vitest';
import { SettingError } from '../../errors.ts';
import type { Graph } from '../../graph/graph.ts';
import type { ModelName } from '../../models/index.ts';
import { classifier } from '../../problems/classifier.ts';
import type { Problem } from '../../problems/problem.ts';
import { sgd } from '../../train/optimisers/sgd.ts';
import { buildStep } from '../../train/step-graph.ts';
import { graphDiagram } from './graph-diagram.ts';
import { layersOf } from './layers.ts';

const network = (model: ModelName): Problem => classifier(model, { input: [3, 32, 32] });

function forward(model: ModelName): Graph {
  const { g, prediction } = network(model).build({ mode: 'eval', batchSize: 7 });
  return g.finish(model, { logits: prediction });
}

const step = (model: ModelName): Graph => buildStep('step', network(model), 7, sgd({ momentum: 0.9 }));

/** The numbers of operations that the boxes name. */
function counted(graph: Graph): number {
  const lines = graphDiagram(graph, 'layers').nodes.flatMap(({ details }) => details);
  return lines.reduce((sum, line) => sum + Number(/^(\d+) operations?$/.exec(line)?.[1] ?? 0), 0);
}

describe('layersOf()', () => {
  it('gives activations, gradients and updates to the layers that they belong to', () => {
    const graph = step('mlp');
    const layers = [...layersOf(graph)];
    const names = ['dense1', 'dense2', 'dense3', 'head', 'loss', 'accuracy'];
    const backward = ['loss', 'head', 'dense3', 'dense2', 'dense1'].map((name) => `grad/${name}`);
    expect([...new Set(layers.map(([, layer]) => layer))].sort()).toEqual([...names, ...backward].sort());
    const where = (op: string): readonly string[] =>
      layers.filter(([node]) => node.op === op).map(([, layer]) => layer);
    expect(where('Relu')).toEqual(['dense1', 'dense2', 'dense3']);
    expect(where('ReluGrad')).toEqual(['grad/dense3', 'grad/dense2', 'grad/dense1']);
    for (const { state, next } of graph.updates) {
      const layer = layers.find(([node]) => node.outputs.includes(next))?.[1];
      const name = state.name.replace(/^sgd\//, '').split('/')[0];
      expect(layer).toBe(state.name.includes('running') ? name : `grad/${name}`);
    }
  });
});

describe('graphDiagram()', () => {
  it('draws few operations one by one, with their parameters and the shapes on the arrows', () => {
    const { nodes, edges } = graphDiagram(forward('mlp'));
    expect(nodes.filter(({ kind }) => kind === 'parameter').map(({ label }) => label)).toContain('dense2/norm/gamma');
    const product = edges.find(({ from, to }) => from === 'input dense1/weight' && to === 'dense1/MatMul');
    expect(product).toMatchObject({ label: '[3072, 100]', kind: 'forward' });
    expect(edges.at(-1)).toMatchObject({ from: 'head/Add', to: 'output logits', label: '[7, 10]' });
  });

  it.each([
    ['mlp', false],
    ['mlp', true],
    ['resnet20', true],
    ['resnet110', true],
  ] as const)('draws each operation of %s in one layer (training: %s)', (model, training) => {
    const graph = training ? step(model) : forward(model);
    expect(counted(graph)).toBe(graph.nodes.length);
    const { nodes, edges } = graphDiagram(graph, 'layers');
    const ids = nodes.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(edges.filter(({ from, to }) => !ids.includes(from) || !ids.includes(to))).toEqual([]);
  });

  it('shows a residual block as its two layers and the sum that both paths enter', () => {
    const { nodes, edges } = graphDiagram(forward('resnet20'));
    const first = ['x', 'conv1', 'stage1/block1/conv1', 'stage1/block1/conv2'];
    expect(nodes.map(({ label }) => label).slice(0, 4)).toEqual(first);
    const into = edges.filter(({ to }) => to === 'stage1/block1/conv2');
    expect(into.map(({ from, label }) => [from, label])).toEqual([
      ['stage1/block1/conv1', '[7, 16, 32, 32]'],
      ['conv1', '[7, 16, 32, 32]'],
    ]);
  });

  it('leads gradients from the loss to the first layer, and says what is written where', () => {
    const { nodes, edges } = graphDiagram(step('mlp'), 'layers');
    const back = edges.filter(({ kind }) => kind === 'backward').map(({ from, to }) => `${from} > ${to}`);
    expect(back).toEqual(
      ['loss > head', 'head > dense3', 'dense3 > dense2', 'dense2 > dense1'].map((pair) =>
        pair.replace(/\w+/g, 'grad/$&'),
      ),
    );
    // Weight, bias, gamma and beta with their velocities.
    expect(nodes.find(({ id }) => id === 'grad/dense1')?.details).toContain('writes 8 tensors');
    expect(nodes.find(({ id }) => id === 'dense1')?.details).toContain('writes 2 tensors');
  });

  it('refuses thousands of operations one by one, and says what to do', () => {
    expect(() => graphDiagram(step('resnet110'), 'ops')).toThrow(SettingError);
    expect(() => graphDiagram(step('resnet110'), 'ops')).toThrow(
      /at most 1000 operations, got \d+; use --detail layers/,
    );
  });
});
