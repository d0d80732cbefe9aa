import { describe, expect, it } from 'vitest';
import { SettingError } from '../errors.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Shape } from '../graph/tensor-type.ts';
import { type Mode, newNetwork } from '../nn/network.ts';
import { ops } from '../ops/index.ts';
import { type NormName, normName, norms } from './index.ts';
import { checkNormSettings, defaultNormSettings, type NormSettings } from './norm.ts';

function build(name: NormName, mode: Mode, shape: Shape): GraphBuilder {
  const g = new GraphBuilder(ops);
  norms[name].build(newNetwork(g, mode), 'conv1/norm', g.input('x', shape, { kind: 'data' }), defaultNormSettings);
  return g;
}

describe.each(['batch', 'batch-composed'] as const)('%s', (name) => {
  it('declares gamma, beta and running statistics, all its own', () => {
    const declared = build(name, 'train', [3, 5, 4, 2]).inputs.slice(1);
    expect(declared.map(({ value, role }) => [value.name, value.shape, role])).toEqual([
      ['conv1/norm/gamma', [5], { kind: 'parameter', initial: { kind: 'constant', value: 1 }, owner: 'norm' }],
      ['conv1/norm/beta', [5], { kind: 'parameter', initial: { kind: 'constant', value: 0 }, owner: 'norm' }],
      ['conv1/norm/runningMean', [5], { kind: 'state', initial: { kind: 'constant', value: 0 }, owner: 'norm' }],
      ['conv1/norm/runningVariance', [5], { kind: 'state', initial: { kind: 'constant', value: 1 }, owner: 'norm' }],
    ]);
  });

  it('draws gamma where it is told to, and changes nothing else', () => {
    const settings = { ...defaultNormSettings, drawnGamma: true };
    const inputsOf = (own: NormSettings) => {
      const g = new GraphBuilder(ops);
      norms[name].build(newNetwork(g, 'train'), 'conv1/norm', g.input('x', [3, 5, 4, 2], { kind: 'data' }), own);
      return g.inputs;
    };
    const [, gamma, ...others] = inputsOf(settings);
    expect(gamma?.role).toEqual({ kind: 'parameter', initial: { kind: 'interval', low: 0, high: 1 }, owner: 'norm' });
    expect(others).toEqual(inputsOf(defaultNormSettings).slice(2));
  });

  it.each(['train', 'frozen'] as const)('refuses a batch of 1 in mode %s, and says what to do', (mode) => {
    expect(() => build(name, mode, [1, 5])).toThrow(
      new SettingError(
        "Batch normalisation needs at least 2 values per statistic to train, but layer 'conv1/norm' gets [1,5], which gives it 1; " +
          'use a batch of 2 or more',
      ),
    );
  });

  it('takes one image of several pixels, and one example where running statistics decide', () => {
    expect(build(name, 'train', [1, 5, 2, 1]).nodes.length).toBeGreaterThan(0);
    expect(build(name, 'eval', [1, 5]).nodes.length).toBeGreaterThan(0);
  });
});

describe('none', () => {
  it('adds nothing', () => {
    const g = build('none', 'train', [1, 5]);
    expect([g.nodes.length, g.inputs.length]).toEqual([0, 1]);
  });
});

describe('checkNormSettings()', () => {
  it.each<[keyof NormSettings, number]>([
    ['epsilon', 1e40],
    ['epsilon', 1e-40],
    ['momentum', 1e-50],
    ['renormScaleLimit', 1e39],
    ['renormShiftLimit', 1e-39],
  ])('refuses the %s %d in float32, which holds no such number, and takes it in float64', (setting, value) => {
    const settings = { ...defaultNormSettings, [setting]: value };
    expect(() => checkNormSettings(settings, 'float32')).toThrow(
      expect.objectContaining({
        name: 'SettingError',
        message: expect.stringContaining(
          `setting ${setting} must have a size that float32 holds, from 1.2e-38 to 3.4e+38, got ${value}; try ${defaultNormSettings[setting]}`,
        ),
      }),
    );
    expect(() => checkNormSettings(settings, 'float64')).not.toThrow();
  });

  it('takes an epsilon of 0, and limits that limit nothing', () => {
    const settings = { ...defaultNormSettings, epsilon: 0, renormScaleLimit: Infinity, renormShiftLimit: Infinity };
    expect(() => checkNormSettings(settings, 'float32')).not.toThrow();
  });
});

describe('normName()', () => {
  it.each(Object.keys(norms))('knows %s', (name) => {
    expect(normName(name)).toBe(name);
  });

  it('suggests the nearest name, and takes nothing from the prototype of objects', () => {
    expect(() => normName('bacth')).toThrow(new SettingError("Unknown norm 'bacth'; did you mean 'batch'?"));
    expect(() => normName('toString')).toThrow(SettingError);
    expect(() => normName('constructor')).toThrow(SettingError);
  });
});
