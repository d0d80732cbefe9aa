import { describe, expect, it } from 'vitest';
import { tinyData, tinyProblem, tinySettings } from '../../test/tiny-training.ts';
import type { ClassifierSettings } from '../problems/classifier.ts';
import { adam } from './optimisers/adam.ts';
import { sgd } from './optimisers/sgd.ts';
import { checkTraining, type TrainingSettings } from './training-settings.ts';

/** Settings as they come from a file or a caller without types. */
function check(changes: object, network: Partial<ClassifierSettings> = {}): void {
  checkTraining(tinyProblem(network), { ...tinySettings, ...changes } as TrainingSettings, tinyData);
}

describe('checkTraining()', () => {
  it('accepts what can be carried out', () => {
    expect(() => check({})).not.toThrow();
    expect(() => check({ batchSize: 1 }, { norm: 'none' })).not.toThrow();
    expect(() => check({ batchSize: tinyData.train.count })).not.toThrow();
  });

  it.each([
    [
      { batchSize: 1 },
      "Batch normalisation needs at least 2 values per statistic to train, but layer 'dense1/norm' gets [1,",
    ],
    [{ batchSize: 0 }, 'Batch size must be a whole number of at least 1, got 0'],
    [{ batchSize: 2.5 }, 'Batch size must be a whole number of at least 1, got 2.5'],
    [{ batchSize: 35 }, 'The batch must fit the data: got 35 for 34 examples'],
    [{ examples: 5, batchSize: 7 }, 'The batch must fit the data: got 7 for 5 examples'],
    [{ examples: 35 }, 'Cannot take a subset: its size must be an integer in [1, 34], got 35'],
    [{ steps: 0 }, 'Steps must be a whole number of at least 1, got 0'],
    [{ steps: Number.NaN }, 'Steps must be a whole number of at least 1, got NaN'],
    [{ seed: -1 }, 'Seed must be a whole number of at least 0, got -1'],
    [{ seed: 2 ** 53 }, 'Seed must be a whole number of at least 0, got 9007199254740992'],
    [{ evaluateEvery: -5 }, 'Steps between evaluations must be a whole number of at least 0, got -5'],
    [{ learningRate: -0.1 }, 'The learning rate must be positive, got -0.1; try 0.1'],
    [{ learningRate: 0 }, 'The learning rate must be positive, got 0; try 0.1'],
    [{ learningRate: Number.NaN }, 'The learning rate must be positive, got NaN; try 0.1'],
    [{ learningRate: Number.POSITIVE_INFINITY }, 'The learning rate must be positive, got Infinity; try 0.1'],
    [
      { learningRate: 1e-50 },
      'The learning rate must have a size that float32 holds, from 1.2e-38 to 3.4e+38, got 1e-50; try 0.1',
    ],
    [{ learningRate: 1e39 }, 'The learning rate must have a size that float32 holds'],
    [
      { schedule: { kind: 'step', at: [0.5], factor: 1e-40 } },
      'The learning rate that the schedule lowers must have a size that float32 holds',
    ],
    [
      { schedule: { kind: 'plateau', patience: 1, factor: 1e-40, improvement: 0 } },
      'The learning rate that the schedule lowers must have a size that float32 holds',
    ],
    [{ optimiser: adam({ epsilon: 1e40 }) }, "Adam's epsilon must have a size that float32 holds"],
    [{ optimiser: sgd({ momentum: 1.5 }) }, 'Momentum must lie in [0, 1), got 1.5; try 0.9'],
    [
      { schedule: { kind: 'step', at: [0], factor: 0.1 } },
      'Steps of a schedule are fractions of the run in (0, 1), got 0',
    ],
  ])('refuses %j, and says why', (changes, message) => {
    expect(() => check(changes)).toThrow(
      expect.objectContaining({ name: 'SettingError', message: expect.stringContaining(message) }),
    );
  });

  it('refuses layers that no memory holds', () => {
    expect(() => check({}, { width: 1e39 })).toThrow(
      expect.objectContaining({
        name: 'SettingError',
        message: expect.stringMatching(/at most, got 'dense1\/weight' of \[\d+,1e\+41\]; use a smaller width$/),
      }),
    );
  });

  it.each<[Partial<ClassifierSettings>, string]>([
    [{ classes: 3 }, "The model must have the data's 4 classes, got 3"],
    [{ input: [2, 5, 3] }, "The network must take the data's [2,3,5], got [2,5,3]"],
  ])('refuses a network with %j on other data', (network, message) => {
    expect(() => check({}, network)).toThrow(expect.objectContaining({ name: 'SettingError', message }));
  });
});
