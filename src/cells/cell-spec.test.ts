import { describe, expect, it, vi } from 'vitest';
import { device, tinyData, tinyModel, tinySettings } from '../../test/tiny-training.ts';
import type { Dataset } from '../data/dataset.ts';
import { syntheticDataset } from '../data/synthetic.ts';
import { defaultNormSettings } from '../norms/norm.ts';
import type { TrainingSettings } from '../train/training-settings.ts';
import { type TrainingSpec, cellConfig, cellHash } from './cell-spec.ts';
import { heldProbe } from './run-cell.ts';

const versions = vi.hoisted(() => ({ code: 'code 1', ort: '1.0.0' }));
vi.mock('./versions.ts', () => ({ codeHash: () => versions.code, ortVersion: () => versions.ort }));

const spec: TrainingSpec = { arm: 'batch', training: tinySettings, probes: [], device };
const hash = cellHash(spec, tinyData);
const training = (changes: Partial<TrainingSettings>): TrainingSpec => ({
  ...spec,
  training: { ...tinySettings, ...changes },
});

describe('cellHash()', () => {
  it('is 32 hexadecimal digits, the same each time and in any order of the settings', () => {
    expect(hash).toMatch(/^[0-9a-f]{32}$/);
    const reversed = Object.fromEntries(Object.entries(tinySettings).toReversed());
    const turned = JSON.parse(JSON.stringify(reversed)) as TrainingSettings;
    expect(cellHash({ ...spec, training: turned }, tinyData)).toBe(hash);
  });

  it.each<[string, TrainingSpec]>([
    ['the seed', training({ seed: 4 })],
    ['the learning rate', training({ learningRate: 0.06 })],
    ['the number of steps', training({ steps: 13 })],
    ['the batch size', training({ batchSize: 8 })],
    ['augmentation', training({ augment: true })],
    ['momentum', training({ optimiser: { ...tinySettings.optimiser, momentum: 0.8 } })],
    ['weight decay', training({ optimiser: { ...tinySettings.optimiser, weightDecay: 0 } })],
    ['Nesterov', training({ optimiser: { ...tinySettings.optimiser, nesterov: true } })],
    ['the schedule', training({ schedule: { kind: 'cosine' } })],
    ['the evaluations, which are records', training({ evaluateEvery: 3 })],
    ['the data set’s name', training({ dataset: 'mnist' })],
    ['the model', training({ model: 'vgg11' })],
    ['the norm', training({ modelSettings: tinyModel({ norm: 'none' }) })],
    ['the form of the norm', training({ modelSettings: tinyModel({ norm: 'batch-composed' }) })],
    [
      'a setting of the norm',
      training({ modelSettings: tinyModel({ normSettings: { ...defaultNormSettings, epsilon: 1e-3 } }) }),
    ],
    ['the placement', training({ modelSettings: tinyModel({ placement: 'after' }) })],
    ['the normalised layers', training({ modelSettings: tinyModel({ normalised: 'last' }) })],
    ['the activation', training({ modelSettings: tinyModel({ activation: 'tanh' }) })],
    ['the initialiser', training({ modelSettings: tinyModel({ initialiser: 'he' }) })],
    ['the width', training({ modelSettings: tinyModel({ width: 0.08 }) })],
    ['the threads', { ...spec, device: { ...device, threads: 2 } }],
    ['the lowering', { ...spec, device: { ...device, lowering: 'reference' } }],
    ['how it convolves', { ...spec, device: { ...device, convolution: 'winograd2' } }],
  ])('changes with %s', (_, changed) => {
    expect(cellHash(changed, tinyData)).not.toBe(hash);
  });

  it.each<[string, Dataset]>([
    ['the data', syntheticDataset({ classes: 4, shape: [2, 3, 5], count: 34, seed: 6 })],
    ['the shape of the images', { ...tinyData, shape: [2, 5, 3] }],
  ])('changes with %s', (_, dataset) => {
    expect(cellHash(spec, dataset)).not.toBe(hash);
  });

  it('changes with the code and with ONNX Runtime', () => {
    versions.code = 'code 2';
    expect(cellHash(spec, tinyData)).not.toBe(hash);
    versions.code = 'code 1';
    versions.ort = '1.0.1';
    expect(cellHash(spec, tinyData)).not.toBe(hash);
    versions.ort = '1.0.0';
    expect(cellHash(spec, tinyData)).toBe(hash);
  });

  it.each<[string, TrainingSpec]>([
    ['the name of the arm', { ...spec, arm: 'treatment' }],
    ['probes', { ...spec, probes: [heldProbe('landscape'), heldProbe('gradient-moments')] }],
    ['the schedule of a probe', { ...spec, probes: [heldProbe('landscape', { every: 3 })] }],
  ])('does not change with %s', (_, changed) => {
    expect(cellHash(changed, tinyData)).toBe(hash);
  });

  it('is the same whether the usual form of convolution is named or not', () => {
    expect(cellHash({ ...spec, device: { ...device, convolution: 'winograd4' } }, tinyData)).toBe(hash);
  });

  it('does not change with where the data came from', () => {
    expect(cellHash(spec, { ...tinyData, source: 'another mirror' })).toBe(hash);
  });
});

describe('cellConfig()', () => {
  it('is plain JSON that says in words what the hash covers', () => {
    const config = cellConfig(spec, tinyData);
    expect(JSON.parse(JSON.stringify(config))).toEqual(config);
    expect(config).toMatchObject({
      training: { ...tinySettings },
      device: { lowering: 'portable', convolution: 'winograd4', threads: 1 },
      data: tinyData.checksum,
      ort: '1.0.0',
      code: 'code 1',
    });
  });

  it('names the same step for all seeds and rates, and another for another network', () => {
    const stepOf = (cell: TrainingSpec): unknown => cellConfig(cell, tinyData)['step'];
    expect(stepOf(training({ seed: 9, learningRate: 1, steps: 5 }))).toBe(stepOf(spec));
    expect(stepOf(training({ modelSettings: tinyModel({ norm: 'none' }) }))).not.toBe(stepOf(spec));
  });
});
