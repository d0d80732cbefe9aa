/** @file Small trained networks, as they are and with faults seeded: what a diagnosis says of each. */

import { afterAll, describe, expect, it } from 'vitest';
import { need } from '../../src/errors.ts';
import { threadlessDevice } from '../../src/runtime/node/node-device.ts';
import { type Fault, faults } from '../diagnosis/faults.ts';
import { Judge } from '../diagnosis/judge.ts';
import { digits, type SmallNetwork, smallNetworks, smallProblem, trainedState } from '../diagnosis/networks.ts';

const data = digits();

/** Graphs of a network are compiled once for all its faults; each has a device of its own. */
function judgeOf(network: SmallNetwork): Judge {
  const device = threadlessDevice({ lowering: 'portable', threads: 1 });
  afterAll(() => device.close());
  return new Judge(device, smallProblem(network), data, trainedState(network), {
    scaling: 'mnist',
    batchSize: 32,
    // Sixteen evaluations more.
    without: network.model === 'mlp' ? [] : ['preprocessing'],
  });
}

/** What is quick enough of each: the count over all, of both seeds, is `tools/diagnosis-counts.ts`. */
const quick: Readonly<Record<SmallNetwork['model'], readonly string[]>> = {
  mlp: faults.map(({ name }) => name),
  vgg11: [
    'negative running variance',
    'one layer’s variances × 16',
    'one layer’s means moved by 2 deviations',
    'half of one layer’s gammas 0',
    'one layer’s weights × 1000',
  ],
  resnet20: ['one layer’s variances ÷ 16'],
};

describe.each(['mlp', 'vgg11', 'resnet20'] as const)('the diagnosis of a %s', (model) => {
  const network = need(
    smallNetworks.find((one) => one.model === model),
    'a network',
  );
  const judge = judgeOf(network);

  it('reports no problem where there is none', async () => {
    const { findings, measured, sentence } = await judge.healthy();
    expect(findings.filter(({ level }) => level === 'problem')).toEqual([]);
    expect(sentence).toMatch(/^No(thing| problem) was found/);
    expect(measured?.norms.length).toBe({ mlp: 3, vgg11: 8, resnet20: 19 }[model]);
  });

  const chosen: readonly Fault[] = faults.filter(({ name }) => quick[model].includes(name));
  it.each(chosen.map((fault) => [fault.name, fault] as const))('finds %s, and says so first', async (_, fault) => {
    const { isFound, isFirst, diagnosis } = await judge.of(fault, 5 * faults.indexOf(fault) + 1);
    expect(isFound, diagnosis.sentence).toBe(true);
    expect(isFirst, diagnosis.sentence).toBe(true);
    // Of one layer's statistics the proof is that the population's, put into that layer alone, restore the loss.
    const isProved = diagnosis.findings.some(({ counterfactual }) => counterfactual?.helps === true);
    expect(isProved).toBe(fault.isProved ?? false);
  });
});
