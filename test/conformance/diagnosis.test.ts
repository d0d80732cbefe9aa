import { afterAll, describe, expect, it } from 'vitest';
import { scalingsFor } from '../../src/data/scalings.ts';
import { diagnose } from '../../src/diagnosis/diagnose.ts';
import { Instruments } from '../../src/diagnosis/instruments.ts';
import type { State } from '../../src/diagnosis/subject.ts';
import { need } from '../../src/errors.ts';
import { threadlessDevice } from '../../src/runtime/node/node-device.ts';
import { digits, smallNetworks, smallProblem, trainedState } from '../diagnosis/networks.ts';

const data = digits();
const scaling = need(
  scalingsFor(data).find(({ name }) => name === 'mnist'),
  'a scaling of MNIST',
);
const device = threadlessDevice({ lowering: 'portable', threads: 1 });
afterAll(() => device.close());

const network = need(smallNetworks[0], 'a network');
const subject = { name: 'mlp', problem: smallProblem(network), data, scaling };
const instruments = new Instruments(device, subject, { batchSize: 32 });
const healthy = trainedState(network);

/** The state with one tensor changed. */
function changed(name: string, change: (value: number, index: number) => number): State {
  const before = need(healthy.get(name), name) as Float32Array;
  return new Map([...healthy, [name, before.map(change)]]);
}

describe('diagnose()', () => {
  it('reports no problem of a healthy network', async () => {
    const { findings, measured } = await diagnose(instruments, { state: healthy });
    expect(findings.filter(({ level }) => level === 'problem')).toEqual([]);
    expect(measured?.norms.map(({ place }) => place.layer)).toEqual(['dense1', 'dense2', 'dense3']);
  });

  it.each([
    ['dense2/norm/runningVariance', (value: number) => 16 * value, 'stale-variance', 'dense2'],
    ['dense3/norm/runningMean', (value: number) => value - 3, 'stale-mean', 'dense3'],
    [
      'dense1/norm/runningVariance',
      (value: number, i: number) => (i === 4 ? -1 : value),
      'poisoned-statistics',
      'dense1',
    ],
  ] as const)(
    'finds a changed %s, and that the population’s own restore the loss',
    async (name, change, rule, layer) => {
      const { findings } = await diagnose(instruments, { state: changed(name, change) });
      const [problem] = findings;
      expect(problem).toMatchObject({ rule, layer, level: 'problem', counterfactual: { helps: true } });
    },
  );
});
