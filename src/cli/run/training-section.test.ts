import { expect, it } from 'vitest';
import { cellOf } from '../../../test/studies.ts';
import { heldProbe } from '../../probes/index.ts';
import { classifier } from '../../problems/classifier.ts';
import type { StepRecord } from '../../records/record.ts';
import { sgd } from '../../train/optimisers/sgd.ts';
import { trainingSection } from './training-section.ts';

const spec = {
  arm: 'batch',
  problem: classifier('mlp', { input: [1, 28, 28], classes: 10, norm: 'batch' }),
  training: {
    dataset: 'mnist',
    batchSize: 8,
    steps: 30,
    seed: 0,
    augment: false,
    optimiser: sgd(),
    learningRate: 0.1,
    schedule: { kind: 'constant' },
    evaluateEvery: 30,
  },
  probes: [
    heldProbe('unit-moments', { layers: [1], units: 2 }),
    heldProbe('landscape', { every: 10, multiples: [0.5, 1] }),
  ],
} as const;

const about = { definition: 'made up', mode: 'train' } as const;

it('shows what probes measured first and last of each place by itself, and at which steps', () => {
  const unit = (step: number, index: number, value: number): StepRecord => ({
    ...about,
    step,
    quantity: 'unit-mean',
    layer: 'dense1',
    place: { unit: index },
    value,
  });
  const ray = (step: number, at: number, value: number): StepRecord => ({
    ...about,
    step,
    quantity: 'ray-loss',
    at,
    value,
  });
  const records = [unit(0, 3, 1), unit(0, 7, 2), ray(10, 0.5, 3), unit(29, 3, 4), unit(29, 7, 5), ray(20, 0.5, 6)];
  const device = { threads: 1, lowering: 'portable', convolution: 'direct' } as const;
  const [table] = trainingSection(spec, device, cellOf(records), undefined).tables;
  expect(table?.columns).toEqual(['quantity', 'where', 'first step', 'value', 'last step', 'value']);
  expect(table?.rows).toEqual([
    ['unit-mean', 'of dense1, unit 3', 0, 1, 29, 4],
    ['unit-mean', 'of dense1, unit 7', 0, 2, 29, 5],
    ['ray-loss', 'at 0.5', 10, 3, 20, 6],
  ]);
});
