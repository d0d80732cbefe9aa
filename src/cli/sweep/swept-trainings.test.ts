import { describe, expect, it } from 'vitest';
import { cellHash, cellText } from '../../cells/job.ts';
import { trainingJob } from '../../cells/training.ts';
import { need } from '../../errors.ts';
import { chosenNetwork } from '../run/chosen-network.ts';
import { parsedTraining } from './swept-options.ts';
import { sweptTrainings } from './swept-trainings.ts';
import { trainingFrom } from '../run/training-options.ts';

const circumstances = {
  device: { threads: 1, lowering: 'portable', convolution: 'direct' },
  ort: '1.2.3',
  code: () => 'code',
  checksum: (name: string) => `checksum of ${name}`,
} as const;
const noData = (): never => {
  throw new RangeError('No data are needed');
};
const request = {
  model: 'mlp',
  words: ['--width', '0.1', '--steps', '7', '--probe', 'norms'],
  axes: [
    { name: 'norm', values: ['none', 'batch'] },
    { name: 'lr', values: ['0.1', '0.4', '0.9'] },
  ],
  seeds: [5, 6],
};

describe('sweptTrainings()', () => {
  it('are the very cells of run, one for each combination and seed', async () => {
    const trainings = await sweptTrainings(request, noData);
    expect(trainings).toHaveLength(12);
    const hashes = trainings.map(({ spec }) => cellHash(need(trainingJob(spec).cells[0], 'a cell'), circumstances));
    expect(new Set(hashes).size).toBe(12);
    for (const [i, { setting, spec }] of trainings.entries()) {
      const seed = spec.training.seed;
      const words = ['--norm', setting['norm'] ?? '', '--lr', setting['lr'] ?? '', '--seed', String(seed)];
      const { given, command } = parsedTraining([...request.words, ...words]);
      const chosen = await chosenNetwork('mlp', given, command, noData);
      const alone = { arm: 'any', problem: chosen.problem, training: trainingFrom(chosen, given), probes: [] };
      expect(cellHash(need(trainingJob(alone).cells[0], 'a cell'), circumstances)).toBe(hashes[i]);
    }
  });

  it('share a network where only training differs', async () => {
    const trainings = await sweptTrainings(request, noData);
    expect(new Set(trainings.map(({ spec }) => spec.problem)).size).toBe(2);
  });

  it('bear their settings as their names', async () => {
    const [first] = await sweptTrainings(request, noData);
    expect(cellText(need(trainingJob(need(first, 'a training').spec).cells[0], 'a cell'))).toBe(
      'standard, norm none, lr 0.1, seed 5',
    );
  });

  it.each([
    [{ ...request, axes: [{ name: 'norm', values: ['batch', 'bach'] }] }, /Unknown norm.*bach/],
    [
      { ...request, axes: [{ name: 'optimiser', values: ['sgd', 'adam'] }], words: ['--momentum', '0'] },
      /--momentum belongs/,
    ],
    [{ ...request, axes: [{ name: 'batch', values: ['8', '70000'] }] }, /70000/],
  ])('refuses a sweep any of whose settings run would refuse', async (wrong, message) => {
    await expect(sweptTrainings(wrong, noData)).rejects.toThrow(message);
  });
});
