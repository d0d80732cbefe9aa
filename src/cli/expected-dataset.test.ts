import { describe, expect, it } from 'vitest';
import { SettingError } from '../errors.ts';
import { datasetName, expectedDataset } from './expected-dataset.ts';

describe('expectedDataset', () => {
  it.each([
    ['cifar10', 50_000, 10_000, [3, 32, 32]],
    ['mnist', 60_000, 10_000, [1, 28, 28]],
    ['fashion-mnist', 60_000, 10_000, [1, 28, 28]],
  ] as const)('knows the published size of %s', (name, train, test, shape) => {
    const expected = expectedDataset(name);
    expect([expected.train.count, expected.test.count]).toEqual([train, test]);
    expect(expected).toMatchObject({ name, shape, classes: 10 });
  });
});

describe('datasetName', () => {
  it('takes a known name and refuses others, inherited ones included', () => {
    expect(datasetName('mnist')).toBe('mnist');
    expect(() => datasetName('minst')).toThrow(new SettingError("Unknown data set 'minst'; did you mean 'mnist'?"));
    expect(() => datasetName('toString')).toThrow(SettingError);
  });
});
