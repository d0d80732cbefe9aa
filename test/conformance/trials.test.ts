/** @file Trials of learning rates over several orders of the examples, on a small network trained on MNIST. */

import { expect, it } from 'vitest';
import { scalingsFor } from '../../src/data/scalings.ts';
import { Instruments } from '../../src/diagnosis/instruments.ts';
import { rateCeiling } from '../../src/diagnosis/rules/training.ts';
import { Trials } from '../../src/diagnosis/trials.ts';
import { need } from '../../src/errors.ts';
import { threadlessDevice } from '../../src/runtime/node/node-device.ts';
import { scalingNamed } from '../diagnosis/faults.ts';
import { digits, smallNetworks, smallProblem, trainedState } from '../diagnosis/networks.ts';

it('ceilings over seeds are brackets of rates that hold and fail, and a rate beyond them is said to fail', async () => {
  const network = need(
    smallNetworks.find(({ model }) => model === 'mlp'),
    'a small MLP',
  );
  const device = threadlessDevice({ lowering: 'portable', threads: 1 });
  const [data, problem] = [digits(), smallProblem(network)];
  const subject = { name: 'mlp', problem, data, scaling: scalingNamed(scalingsFor(data), 'mnist') };
  const instruments = new Instruments(device, subject, { batchSize: 16 });
  const trials = await Trials.open(instruments, problem, trainedState(network));
  try {
    const { brackets, interval } = await trials.overSeeds(1, 2);
    for (const [seed, { holds, fails }] of brackets.entries()) {
      expect((await trials.run(need(holds, 'a rate that holds'), seed)).fault).toBeUndefined();
      expect((await trials.run(need(fails, 'a rate that fails'), seed)).holds).toBe(false);
      expect(Number(fails) / Number(holds)).toBeLessThanOrEqual(1.5);
    }
    // Orders that agree leave open what lies between the rates that were tried.
    expect(need(interval, 'an interval').lower).toBeLessThanOrEqual(
      Math.min(...brackets.map(({ holds }) => Number(holds))),
    );
    const beyond = await trials.run(1e6);
    const [finding] = rateCeiling({
      atRate: beyond,
      atHalf: undefined,
      atCeiling: undefined,
      ceiling: interval?.mean,
      interval,
    });
    expect(finding).toMatchObject({ rule: 'rate-ceiling', level: 'problem', over: 'orders of the examples' });
    expect(finding?.text).toMatch(
      /, (and beyond all bounds|and every example then gets the same answer|no better than it began)$/u,
    );
    // The same order again, to the last bit.
    expect((await trials.run(1, 1)).losses).toEqual((await trials.run(1, 1)).losses);
    expect((await trials.run(1, 0)).losses).not.toEqual((await trials.run(1, 1)).losses);
  } finally {
    await trials.close();
    await device.close();
  }
});
