import { describe, expect, it } from 'vitest';
import type { CheckedFile, CheckedNumber } from '../lab/node/verify.ts';
import { isWhole, verifyText } from './verify-text.ts';

const number: CheckedNumber = { quantity: 'loss', arm: 'batch', step: 149, said: 0.25, found: 0.25, holds: true };
const whole: CheckedFile = {
  file: 'normscope-12345.json',
  refusal: undefined,
  student: '12345',
  version: '0.1.0',
  tours: [{ tour: 'large-rates', seed: 7, ownSeed: 7, predicted: 2, isPredictionRight: true, numbers: [number] }],
};
const [tour] = whole.tours;
const withTour = (changed: object): CheckedFile => ({ ...whole, tours: [{ ...tour, ...changed }] }) as CheckedFile;

describe('verifyText', () => {
  it('is a table where all holds', () => {
    expect(verifyText([whole], '0.1.0')).toBe(
      'student  tours  predicted  numbers that hold\n12345    1      1 of 1     1 of 1\n\nOf 1 submission 1 holds.',
    );
  });

  it('says of each number that does not hold what was said and what comes out, to the last digit', () => {
    const text = verifyText(
      [withTour({ numbers: [{ ...number, said: 0.30000000000000004, found: 0.3, holds: false }] })],
      '0.1.0',
    );
    expect(text).toContain('12345    1      1 of 1     0 of 1\n');
    expect(text).toContain(
      '12345 (normscope-12345.json)\n  large-rates: loss of batch at step 149: said 0.30000000000000004, comes out\n    as 0.3',
    );
    expect(text).toContain('Of 1 submission 0 hold.');
    const left = withTour({ numbers: [{ ...number, said: undefined, found: null, holds: false }] });
    expect(verifyText([left], '0.1.0')).toContain('was left out, comes out as not');
  });

  it('says what was refused, who is there twice, and what another version made, within 80 columns', () => {
    const student = 'x'.repeat(32);
    const files: readonly CheckedFile[] = [
      withTour({ ownSeed: 8, numbers: [] }),
      { ...withTour({ ownSeed: 8 }), file: `${'\u001B[31m'.repeat(20)}${'long '.repeat(20)}.json`, student },
      { ...whole, file: 'second.json', version: '0.0.9' },
      {
        file: 'broken.json',
        refusal: `Cannot take it: ${'a word '.repeat(20)}`,
        student: undefined,
        version: undefined,
        tours: [],
      },
    ];
    const text = verifyText(files, '0.1.0');
    expect(text).toContain("refused, its seed must be the student's, 8, got 7");
    expect(text).toContain('12345 is in 2 files: normscope-12345.json, second.json');
    expect(text).toContain('1 submission was made with another version (0.0.9; this is 0.1.0)');
    expect(text).toMatch(/^broken.json +– +– +refused$/m);
    expect(text).toContain('Of 4 submissions 1 holds.');
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(text).not.toContain('\u001B');
    expect(files.map(isWhole)).toEqual([false, false, true, false]);
  });
});
