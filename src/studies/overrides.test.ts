import { describe, expect, it } from 'vitest';
import { override } from './overrides.ts';

const protocol = {
  model: 'vgg11',
  steps: 500,
  augment: false,
  rates: [0.1, 0.2],
  layers: ['conv1', 'conv2'],
  nested: { a: 1 },
};

describe('override()', () => {
  it('replaces fields by the type that each has, and leaves the rest', () => {
    expect(override(protocol, { model: 'vgg16', steps: '1e3', augment: 'true', layers: 'head' })).toEqual({
      ...protocol,
      model: 'vgg16',
      steps: 1000,
      augment: true,
      layers: ['head'],
    });
    expect(protocol.steps).toBe(500);
    expect(override(protocol, {})).toEqual(protocol);
  });

  it.each<[string, readonly number[]]>([
    ['0.1', [0.1]],
    ['0.02,0.05,1e-3', [0.02, 0.05, 1e-3]],
    ['0:1:3', [0, 0.5, 1]],
    ['1:0:2', [1, 0]],
    ['-1:1:5', [-1, -0.5, 0, 0.5, 1]],
    ['1:16:5:log', [1, 2, 4, 8, 16]],
    ['9:1:3:log', [9, 3, 1]],
  ])('reads the list %s', (text, list) => {
    expect(override(protocol, { rates: text }).rates).toEqual(list);
  });

  it.each<[Record<string, string>, string]>([
    [{ stepz: '5' }, "Unknown setting 'stepz'; did you mean 'steps'?"],
    [{ toString: 'x' }, "Unknown setting 'toString'; known: model, steps, augment, rates, layers, nested"],
    [{ steps: 'many' }, "Setting 'steps' must be a number, got 'many'"],
    [{ steps: '' }, "Setting 'steps' must be a number, got ''"],
    [{ steps: 'Infinity' }, "Setting 'steps' must be a number, got 'Infinity'"],
    [{ augment: 'yes' }, "Setting 'augment' must be true or false, got 'yes'"],
    [{ rates: '0.1,' }, "Setting 'rates' must be a number, got ''"],
    [{ rates: '0.1;0.2' }, "Setting 'rates' must be a number, got '0.1;0.2'"],
    [
      { rates: '0:1' },
      "Setting 'rates' must be a list 'a,b,c' or a range 'lo:hi:n' with n ≥ 2, 'lo:hi:n:log' for equal ratios, got '0:1'",
    ],
    [
      { rates: '0:1:1' },
      "Setting 'rates' must be a list 'a,b,c' or a range 'lo:hi:n' with n ≥ 2, 'lo:hi:n:log' for equal ratios, got '0:1:1'",
    ],
    [
      { rates: '0:1:2.5' },
      "Setting 'rates' must be a list 'a,b,c' or a range 'lo:hi:n' with n ≥ 2, 'lo:hi:n:log' for equal ratios, got '0:1:2.5'",
    ],
    [
      { rates: '0:1:3:4' },
      "Setting 'rates' must be a list 'a,b,c' or a range 'lo:hi:n' with n ≥ 2, 'lo:hi:n:log' for equal ratios, got '0:1:3:4'",
    ],
    [
      { rates: '0:1:3:log' },
      "Setting 'rates' must be a list 'a,b,c' or a range 'lo:hi:n' with n ≥ 2, 'lo:hi:n:log' for equal ratios, got '0:1:3:log'",
    ],
    [{ nested: '{}' }, "Setting 'nested' cannot be set from the command line"],
  ])('refuses %j', (set, message) => {
    expect(() => override(protocol, set)).toThrow(expect.objectContaining({ name: 'SettingError', message }));
  });
});
