import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { elementCount } from '../../src/graph/tensor-type.ts';
import { models, type ModelName } from '../../src/models/index.ts';
import { defaultModelSettings } from '../../src/models/model.ts';
import { newNetwork } from '../../src/nn/network.ts';
import { ops } from '../../src/ops/index.ts';

const names = Object.keys(models) as ModelName[];

function build(name: ModelName, settings: Partial<typeof defaultModelSettings> = {}) {
  const model = models[name];
  const g = new GraphBuilder(ops);
  const network = newNetwork(g, 'train');
  const x = g.input('x', [3, ...model.parameters.input], { kind: 'data' });
  const logits = model.build(network, x, { ...defaultModelSettings, initialiser: model.initialiser, ...settings });
  return { model, g, network, logits };
}

describe.each(names)('%s', (name) => {
  it('has as many parameters as it declares', () => {
    const { model, g } = build(name);
    const parameters = g.inputs.filter(({ role }) => role.kind === 'parameter');
    const count = parameters.reduce((sum, { value }) => sum + elementCount(value.shape), 0);
    expect(count).toBe(model.parameters.count);
  });

  it('normalises each hidden layer once, and maps images to logits', () => {
    const { model, network, logits } = build(name);
    expect(network.layers.length).toBe(model.hiddenLayers);
    expect(network.updates.length).toBe(2 * model.hiddenLayers);
    expect(logits.shape).toEqual([3, 10]);
  });

  it('normalises the last layer only, or a list, where it is told so', () => {
    expect(build(name, { normalised: 'last' }).network.updates.length).toBe(2);
    const { network } = build(name, { normalised: [1, 3] });
    const states = network.updates.map(({ state }) => state.name.split('/norm/')[0]);
    const layers = network.layers.map((layer) => layer.name);
    expect([...new Set(states)]).toEqual([layers[0], layers[2]]);
  });

  it('normalises after the activation where it is told so', () => {
    const { g, network } = build(name, { placement: 'after' });
    for (const { output } of network.layers) expect(g.producer(output)?.op).toBe('BatchNormalization');
  });

  it('names its parameters alike in both arms, so that equal seeds give equal weights', () => {
    const inputs = (norm: 'none' | 'batch'): string[] =>
      build(name, { norm })
        .g.inputs.map(({ value }) => value.name)
        .filter((input) => input.endsWith('weight'));
    expect(inputs('none')).toEqual(inputs('batch'));
  });
});
