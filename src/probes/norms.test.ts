import { describe, expect, it } from 'vitest';
import { need } from '../errors.ts';
import { createStream } from '../math/random.ts';
import type { NormName } from '../norms/index.ts';
import { classifier } from '../problems/classifier.ts';
import type { StepRecord } from '../records/record.ts';
import { allFed, evaluate } from '../testing/evaluate.ts';
import { initialState } from '../train/initial-state.ts';
import { sgd } from '../train/optimisers/sgd.ts';
import { buildStep, type StepOutputs } from '../train/step-graph.ts';
import type { LoweringName } from '../runtime/lowering-choice.ts';
import { norms } from './norms.ts';

/** What the probe reads, by plain loops over the tensors themselves, in float64. */
type Expected = Map<string, number>;

async function run(norm: NormName, lowering: LoweringName): Promise<[readonly StepRecord[], Expected]> {
  const raw: StepOutputs = ({ g, parameters, gradients }) => ({
    ...Object.fromEntries(parameters.map(({ name }, i) => [`gradient ${name}`, need(gradients[i], 'a gradient')])),
    ...Object.fromEntries(
      g.nodes.flatMap(({ op, inputs: [x], outputs: [y] }) =>
        op === 'BatchNormalization' && x && y ? [[`input ${y.name.replace(/\/BatchNormalization$/, '')}`, x]] : [],
      ),
    ),
  });
  const problem = classifier('vgg11', { input: [3, 5, 7], classes: 4, norm, width: 0.15 });
  const { readout } = norms.configure('norms', {});
  const optimiser = sgd({ momentum: 0.9, weightDecay: 0.1, nesterov: true });
  const step = buildStep('step', problem, 6, optimiser, [...(readout.outputs ? [readout.outputs] : []), raw]);
  const before = initialState(step, 2);
  const x = new Float32Array(6 * 3 * 5 * 7);
  createStream({ seed: 4, purpose: 'probe' }).fillUniform(x, -1, 2);
  const feeds = { x, labels: Int32Array.of(0, 3, 1, 2, 2, 0), learningRate: Float32Array.of(0.1) };
  const outputs = await evaluate(allFed(step), { ...Object.fromEntries(before), ...feeds }, { lowering });
  const records =
    readout.read?.({ step: 30, learningRate: 0.1, feeds, key: { seed: 0, step: 30 }, loss: 1, outputs }) ?? [];

  const expected: Expected = new Map();
  const length = (values: readonly number[]): number => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
  const of = (name: string): number[] => [...((outputs[name] ?? before.get(name)) as Float32Array)];
  for (const { value, role } of step.inputs.filter((input) => input.role.kind === 'parameter')) {
    if (role.kind !== 'parameter') continue;
    const old = [...(before.get(value.name) as Float32Array)];
    expected.set(`parameter-gradient-norm ${value.name}`, length(of(`gradient ${value.name}`)));
    expected.set(`parameter-update-norm ${value.name}`, length(of(value.name).map((v, i) => v - (old[i] ?? NaN))));
    expected.set(`parameter-norm ${value.name}`, length(old));
  }
  for (const name of Object.keys(outputs).filter((key) => key.startsWith('input '))) {
    const data = of(name);
    const C = outputs[`channel-mean:${name.slice('input '.length)}`]?.length ?? 0;
    const pixels = data.length / 6 / C;
    const means: number[] = [];
    const deviations: number[] = [];
    for (let channel = 0; channel < C; channel++) {
      const values = data.filter((_, i) => Math.floor(i / pixels) % C === channel);
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      means.push(mean);
      deviations.push(length(values.map((v) => v - mean)) / Math.sqrt(values.length));
    }
    const layer = name.slice('input '.length);
    expected.set(`channel-mean-rms ${layer}`, length(means) / Math.sqrt(C));
    expected.set(`channel-std-mean ${layer}`, deviations.reduce((a, b) => a + b, 0) / C);
    expected.set(`channel-std-min ${layer}`, Math.min(...deviations));
    expected.set(`channel-std-max ${layer}`, Math.max(...deviations));
  }
  return [records, expected];
}

describe.each([
  ['batch', 'reference'],
  ['batch', 'portable'],
  ['none', 'portable'],
] as const)('norms of a network with norm %s on the %s lowering', (norm, lowering) => {
  it('equal plain loops over the tensors', async () => {
    const [records, expected] = await run(norm, lowering);
    expect(records.map(({ quantity, layer }) => `${quantity} ${layer}`).toSorted()).toEqual(
      [...expected.keys()].toSorted(),
    );
    expect([...expected.keys()].some((key) => key.startsWith('channel'))).toBe(norm === 'batch');
    expect([...expected.values()].filter((value) => value > 0).length).toBeGreaterThan(0.8 * expected.size);
    for (const { quantity, layer, value } of records) {
      const plain = expected.get(`${quantity} ${layer}`) ?? Number.NaN;
      // Square roots of sums of up to 10⁴ float32 squares, all positive, in rows: some 1e-6 at worst. A mean is a sum
      // with both signs, on the scale of the deviations that it is taken of.
      const scale = quantity === 'channel-mean-rms' ? (expected.get(`channel-std-max ${layer}`) ?? 0) : plain;
      expect(Math.abs(value - plain), `${quantity} ${layer}`).toBeLessThanOrEqual(2e-6 * Math.max(scale, plain));
    }
  });
});
