import { expect, it } from 'vitest';
import { need } from '../errors.ts';
import { classifier } from '../problems/classifier.ts';
import { allFed, evaluate } from '../testing/evaluate.ts';
import { initialState } from '../train/initial-state.ts';
import { sgd } from '../train/optimisers/sgd.ts';
import { buildStep } from '../train/step-graph.ts';
import { smallParameters } from './small-parameters.ts';

it.each(['reference', 'portable'] as const)(
  'counts the entries of each parameter below the limit, as a loop does (%s)',
  async (lowering) => {
    const limit = 0.07;
    const problem = classifier('vgg11', { input: [3, 5, 7], classes: 4, norm: 'batch', width: 0.15 });
    const { readout } = smallParameters.configure('small-parameters', { limit });
    const step = buildStep('step', problem, 6, sgd(), [need(readout.outputs, 'outputs')]);
    const before = initialState(step, 2);
    // An entry at the limit itself is not below it.
    const gamma = need(before.get('conv2/norm/gamma'), 'gamma');
    before.set(
      'conv2/norm/gamma',
      Float32Array.from({ length: gamma.length }, (_, i) => limit * (i % 3) * -0.5),
    );
    const feeds = {
      x: Float32Array.from({ length: 6 * 105 }, (_, i) => Math.sin(i * i)),
      labels: Int32Array.of(0, 3, 1, 2, 2, 0),
      learningRate: Float32Array.of(0.1),
    };
    const outputs = await evaluate(allFed(step), { ...Object.fromEntries(before), ...feeds }, { lowering });
    const records =
      readout.read?.({ step: 0, learningRate: 0.1, feeds, key: { seed: 0, step: 0 }, loss: 1, outputs }) ?? [];

    const parameters = step.inputs.filter(({ role }) => role.kind === 'parameter').map(({ value }) => value.name);
    expect(records.map(({ layer }) => layer)).toEqual(parameters);
    for (const { layer = '', value } of records) {
      const entries = [...need(before.get(layer), layer)].map(Number);
      const small = entries.filter((entry) => Math.abs(entry) < Math.fround(limit)).length;
      expect(value, layer).toBeCloseTo(small / entries.length, 6);
    }
    expect(records.some(({ value }) => value > 0 && value < 1)).toBe(true);
  },
);
