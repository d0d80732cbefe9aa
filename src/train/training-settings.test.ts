import { describe, expect, it } from 'vitest';
import { tinyData, tinyModel, tinySettings } from '../../test/tiny-training.ts';
import { checkTrainingSettings, type TrainingSettings } from './training-settings.ts';

/** Settings as they come from a file or a caller without types. */
function unchecked(changes: object): TrainingSettings {
  return { ...tinySettings, ...changes };
}
const model = (changes: object): object => ({ modelSettings: { ...tinySettings.modelSettings, ...changes } });

describe('checkTrainingSettings()', () => {
  it('accepts what can be carried out', () => {
    expect(() => checkTrainingSettings(tinySettings, tinyData)).not.toThrow();
    const alone = { ...tinySettings, batchSize: 1, modelSettings: tinyModel({ norm: 'none' }) };
    expect(() => checkTrainingSettings(alone, tinyData)).not.toThrow();
    expect(() => checkTrainingSettings({ ...tinySettings, batchSize: tinyData.train.count }, tinyData)).not.toThrow();
  });

  it.each([
    [
      { batchSize: 1 },
      "Batch normalisation needs at least 2 values per statistic to train, but layer 'dense1/norm' gets [1,",
    ],
    [{ batchSize: 0 }, 'Batch size must be a whole number of at least 1, got 0'],
    [{ batchSize: 2.5 }, 'Batch size must be a whole number of at least 1, got 2.5'],
    [{ batchSize: 35 }, 'The batch must fit the data: got 35 for 34 examples'],
    [{ steps: 0 }, 'Steps must be a whole number of at least 1, got 0'],
    [{ steps: Number.NaN }, 'Steps must be a whole number of at least 1, got NaN'],
    [{ seed: -1 }, 'Seed must be a whole number of at least 0, got -1'],
    [{ seed: 2 ** 53 }, 'Seed must be a whole number of at least 0, got 9007199254740992'],
    [{ evaluateEvery: -5 }, 'Steps between evaluations must be a whole number of at least 0, got -5'],
    [{ learningRate: -0.1 }, 'The learning rate must be positive, got -0.1; try 0.1'],
    [{ learningRate: 0 }, 'The learning rate must be positive, got 0; try 0.1'],
    [{ learningRate: Number.NaN }, 'The learning rate must be positive, got NaN; try 0.1'],
    [{ learningRate: Number.POSITIVE_INFINITY }, 'The learning rate must be positive, got Infinity; try 0.1'],
    [{ model: 'vgg12' }, "Unknown model 'vgg12'; did you mean 'vgg11'?"],
    [model({ norm: 'bach' }), "Unknown norm 'bach'; did you mean 'batch'?"],
    [model({ initialiser: 'glorrot' }), "Unknown initialiser 'glorrot'; did you mean 'glorot'?"],
    [model({ activation: 'rellu' }), "Unknown activation 'rellu'; did you mean 'relu'?"],
    [model({ width: 0 }), 'Width must be a positive multiple of the published network, got 0; try 1 or 0.25'],
    [model({ classes: 3 }), "The model must have the data's 4 classes, got 3"],
    [model({ normalised: [1, 4] }), 'Normalised layers must lie in 1 … 3 '],
    [
      { optimiser: { momentum: 1.5, weightDecay: 0, nesterov: false } },
      'Momentum must lie in [0, 1), got 1.5; try 0.9',
    ],
    [
      { schedule: { kind: 'step', at: [0], factor: 0.1 } },
      'Steps of a schedule are fractions of the run in (0, 1), got 0',
    ],
  ])('refuses %j, and says why', (changes, message) => {
    expect(() => checkTrainingSettings(unchecked(changes), tinyData)).toThrow(
      expect.objectContaining({ name: 'SettingError', message: expect.stringContaining(message) }),
    );
  });
});
