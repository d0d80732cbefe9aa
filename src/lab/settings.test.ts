import { describe, expect, it } from 'vitest';
import { SettingError } from '../errors.ts';
import { catalogue } from './catalogue.ts';
import { checked, resolveSettings, type SettingName, unusual } from './settings.ts';

const { fields } = catalogue(['fashion-mnist']);

describe('resolveSettings()', () => {
  it('fills in what is as usual, and reads numbers that came as text', () => {
    const settings = resolveSettings(fields, { norm: 'layer', learningRate: '0.5' });
    expect(settings).toMatchObject({ norm: 'layer', learningRate: 0.5, batchSize: 64, data: 'fashion-mnist' });
    expect(Object.keys(settings)).toEqual(Object.keys(fields));
  });

  it.each([
    [{ norm: 'bach' }, /norm.*'batch'/],
    [{ rate: 1 }, /setting/],
    [{ learningRate: 1e9 }, /learning rate must be a number from 0.000001 to 1000, got 1000000000; try 0.1/],
    [{ learningRate: Number.NaN }, /learning rate/],
    [{ batchSize: 2.5 }, /batch size must be a whole number/],
    [{ batchSize: '' }, /got ""/],
    [{ depth: 1000 }, /depth/],
    [{ __proto__: 'x', toString: 'y' }, /setting/],
  ])('refuses %j', (asked, message) => {
    expect(() => resolveSettings(fields, asked as never)).toThrow(SettingError);
    expect(() => resolveSettings(fields, asked as never)).toThrow(message);
  });

  it('has usual values that every field itself can have', () => {
    for (const field of Object.values(fields)) expect(checked(field, field.usual)).toBe(field.usual);
  });
});

describe('unusual()', () => {
  it('is what an address has to spell out', () => {
    expect(unusual(fields, resolveSettings(fields, {}))).toEqual({});
    const asked: Partial<Record<SettingName, string | number>> = { norm: 'none', seed: 7 };
    expect(unusual(fields, resolveSettings(fields, asked))).toEqual(asked);
  });
});
