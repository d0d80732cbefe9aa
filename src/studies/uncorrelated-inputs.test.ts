import { describe, expect, it } from 'vitest';
import { SettingError } from '../errors.ts';
import { geometric, uncorrelatedInputs } from './uncorrelated-inputs.ts';

describe('uncorrelatedInputs()', () => {
  it('have zero means, no covariances and the variances asked for', () => {
    const variances = [1, 0.3, 40];
    const x = uncorrelatedInputs(7, variances, { seed: 3, name: 'test' });
    expect(x).toHaveLength(21);
    for (let i = 0; i < 3; i++) {
      const column = (at: number): number[] => [0, 1, 2, 3, 4, 5, 6].map((n) => x[3 * n + at] as number);
      // A dozen roundings of numbers below 20.
      expect(Math.abs(column(i).reduce((a, b) => a + b))).toBeLessThan(1e-13);
      for (let j = 0; j < 3; j++) {
        const moment = column(i).reduce((sum, value, n) => sum + (value * (column(j)[n] as number)) / 7, 0);
        expect(Math.abs(moment - (i === j ? (variances[i] as number) : 0))).toBeLessThan(1e-13);
      }
    }
  });

  it('differ from seed to seed, and need more examples than features', () => {
    const draw = (seed: number, examples = 4) => uncorrelatedInputs(examples, [1, 1, 1], { seed, name: 'test' });
    expect(draw(0)).toEqual(draw(0));
    expect(draw(1)).not.toEqual(draw(0));
    expect(() => draw(0, 3)).toThrow(
      new SettingError('Uncorrelated inputs need more examples than features, got 3 for 3'),
    );
  });
});

describe('geometric()', () => {
  it('has equal ratios from the first to the last', () => {
    const numbers = geometric(1, 1000, 4);
    [1, 10, 100, 1000].forEach((value, i) => expect(numbers[i]).toBeCloseTo(value, 9));
  });
});
