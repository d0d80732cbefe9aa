import { describe, expect, it } from 'vitest';
import * as errors from './errors.ts';
import { isDeliberate, need, nearestName, SettingError, unknownName } from './errors.ts';

const classes = Object.entries(errors).filter(([name]) => name.endsWith('Error'));

describe.each(classes)('%s', (name, Class) => {
  it('is an Error that says its own name, message and cause', () => {
    const cause = new Error('below');
    const error = new (Class as ErrorConstructor)('above', { cause });
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toBe(`${name}: above`);
    expect(error.cause).toBe(cause);
  });
});

describe('need()', () => {
  it.each([0, '', false, Number.NaN, null])('hands %s on: it was found', (found) => {
    expect(need(found, 'a value')).toBe(found);
  });

  it('throws where nothing was found, as a bug', () => {
    const missed = (): number => need([1, 2][2], 'a third number');
    expect(missed).toThrow(new RangeError('There must be a third number, got none'));
    expect(missed).not.toThrow(SettingError);
    expect(isDeliberate(new RangeError())).toBe(false);
  });
});

describe('nearestName()', () => {
  const names = ['batch', 'batch-composed', 'none', 'resnet110'];

  it.each([
    ['bacth', 'batch'],
    ['Batch', 'batch'],
    ['nine', 'none'],
    ['resnet-110', 'resnet110'],
    ['batchcomposed', 'batch-composed'],
    ['batch', 'batch'],
  ])('takes %s for %s', (given, expected) => {
    expect(nearestName(given, names)).toBe(expected);
  });

  it('finds the closest of several, not the first', () => {
    expect(nearestName('vgg16', ['vgg11', 'vgg13', 'vgg16', 'vgg19'])).toBe('vgg16');
    expect(nearestName('vg19', ['vgg11', 'vgg13', 'vgg16', 'vgg19'])).toBe('vgg19');
  });

  it('gives nothing where nothing is near', () => {
    expect(nearestName('transformer', names)).toBeUndefined();
    expect(nearestName('batch', [])).toBeUndefined();
  });
});

describe('unknownName()', () => {
  it('suggests the nearest name', () => {
    const error = unknownName('norm', 'bathc', ['none', 'batch']);
    expect(error).toBeInstanceOf(SettingError);
    expect(error.message).toBe("Unknown norm 'bathc'; did you mean 'batch'?");
  });

  it('lists all names where none is near', () => {
    expect(unknownName('norm', 'quantum', ['none', 'batch']).message).toBe(
      "Unknown norm 'quantum'; known: none, batch",
    );
  });
});
