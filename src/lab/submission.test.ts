import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError } from '../errors.ts';
import { catalogue } from './catalogue.ts';
import { History } from './history.ts';
import { readSubmission } from './read-submission.ts';
import { numbersOf, type RunArm, type Submission } from './submission.ts';
import { largeRates } from './tours/large-rates.ts';
import { tourScene } from './tours/tour-scene.ts';

const { fields } = catalogue(['fashion-mnist']);
const submission: Submission = {
  normscope: '0.1.0',
  student: '12345',
  tours: [
    {
      tour: 'large-rates',
      seed: 17,
      predicted: 2,
      measured: [
        { quantity: 'loss', arm: 'standard', step: 20, value: null },
        { quantity: 'loss', arm: 'batch', step: 149, value: 0.1 + 0.2 },
        { quantity: 'test-accuracy', arm: 'batch', step: 100, value: 0.75 },
      ],
    },
  ],
};

describe('readSubmission', () => {
  it('reads what was written, every bit of it', () => {
    expect(readSubmission(JSON.stringify(submission))).toEqual(submission);
    expect(readSubmission(JSON.stringify({ ...submission, tours: [] })).tours).toEqual([]);
  });

  const [tour] = submission.tours;
  const [number] = tour?.measured ?? [];
  const withTour = (changed: object): object => ({ ...submission, tours: [{ ...tour, ...changed }] });
  const withNumber = (changed: object): object => withTour({ measured: [{ ...number, ...changed }] });
  it.each([
    ['no object', [], /at its top: .*expected object/],
    ['another key', { ...submission, run: 'rm -rf' }, /at its top: it has keys that no submission has/],
    ['a number for a student', { ...submission, student: 12345 }, /at student: .*expected string/],
    ['a path for a student', { ...submission, student: '../x' }, /at student: it must be 1 to 32/],
    ['too many tours', { ...submission, tours: Array.from({ length: 21 }, () => tour) }, /at tours: /],
    ['a tour twice', { ...submission, tours: [tour, tour] }, /each tour once, got large-rates, large-rates/],
    ['an unknown tour', withTour({ tour: 'large-rate' }), /did you mean 'large-rates'/],
    ['settings', withTour({ settings: { batchSize: 1 } }), /at tours.0: it has keys/],
    ['a seed beyond', withTour({ seed: 10_000 }), /at tours.0.seed/],
    ['an answer beyond', withTour({ predicted: 3 }), /predicted in large-rates must be below 3, got 3/],
    ['too many numbers', withTour({ measured: Array.from({ length: 51 }, () => number) }), /at tours.0.measured/],
    [
      'a number twice',
      withTour({ measured: [number, number] }),
      /must be there once, got loss of "standard" at step 20/,
    ],
    ['an unknown quantity', withNumber({ quantity: 'speed' }), /must be one that the tour asks for, got speed/],
    ['an unknown arm', withNumber({ arm: 'layer' }), /asks for, got loss of "layer"/],
    ['another step', withNumber({ step: 21 }), /asks for, got loss of "standard" at step 21/],
    ['a text for a value', withNumber({ value: '0.3' }), /at tours.0.measured.0.value/],
  ])('refuses %s', (_, changed, message) => {
    expect(() => readSubmission(JSON.stringify(changed))).toThrow(DataError);
    expect(() => readSubmission(JSON.stringify(changed))).toThrow(message);
  });

  it.each([
    ['an empty file', '', /must be JSON/],
    ['half a file', JSON.stringify(submission).slice(0, 100), /must be JSON/],
    ['one that is too long', JSON.stringify(submission) + ' '.repeat(1_000_000), /at most 1000000 bytes/],
    ['one that is deep', '['.repeat(500_000) + ']'.repeat(499_999), /must be JSON|at its top/],
    ['a number beyond doubles', JSON.stringify(submission).replace('0.75', '1e999'), /value/],
  ])('refuses %s', (_, text, message) => {
    expect(() => readSubmission(text)).toThrow(DataError);
    expect(() => readSubmission(text)).toThrow(message);
  });

  it('reads or refuses whatever comes, and repeats no value of a file that has no form', () => {
    const near = fc.record(
      {
        normscope: fc.constantFrom<unknown>('0.1.0', 'a b', 1),
        student: fc.constantFrom<unknown>('12345', '<script>', null),
        tours: fc.array(
          fc.record(
            {
              tour: fc.constantFrom<unknown>('large-rates', 'noise', '__proto__', 'constructor'),
              seed: fc.constantFrom<unknown>(0, 9999, -1, 0.5),
              predicted: fc.constantFrom<unknown>(0, 2, null, '2'),
              measured: fc.array(fc.constantFrom<unknown>(...(tour?.measured ?? []), {}, null), { maxLength: 3 }),
            },
            { requiredKeys: ['tour', 'seed', 'measured'] },
          ),
          { maxLength: 2 },
        ),
      },
      { requiredKeys: ['student', 'tours'] },
    );
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      near.map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(text, (given) => {
        const read = settled(() => readSubmission(given));
        const isRefused =
          read instanceof DataError && /^Cannot take it as a submission: .*; save it/s.test(read.message);
        // What is read is what stands there: nothing is added, and nothing left out.
        expect(isRefused || read).toEqual(isRefused || JSON.parse(given));
      }),
      { numRuns: 500 },
    );
  });
});

describe('numbersOf', () => {
  /** Runs of the tour that say something at every step. */
  function runs(seed: number, steps: number): readonly RunArm[] {
    return tourScene(fields, largeRates, seed).arms.map(({ name, settings }) => {
      const history = new History();
      const last = name === 'standard' ? 9 : steps;
      for (let step = 0; step < last; step++) {
        const loss = name === 'standard' && step === 8 ? Number.NaN : 1 / (1 + step);
        const records = [{ step: step + 1, quantity: 'test-accuracy', value: 0.7 }];
        history.add({ step, loss, accuracy: 0.5, learningRate: settings.learningRate, records });
      }
      return { name, settings, history };
    });
  }

  it('is what the tour asks for, null where an arm was lost before', () => {
    expect(numbersOf(fields, largeRates, 17, runs(17, 150))).toEqual([
      { quantity: 'loss', arm: 'standard', step: 20, value: null },
      { quantity: 'loss', arm: 'batch', step: 149, value: 1 / 150 },
      { quantity: 'test-accuracy', arm: 'batch', step: 100, value: 0.7 },
    ]);
  });

  it('is nothing before the end, with another seed, setting or name, or where the rate was ever another', () => {
    const whole = runs(17, 150);
    const changed = (one: (run: RunArm) => RunArm): readonly RunArm[] => [
      ...whole.slice(0, 1),
      ...whole.slice(1).map(one),
    ];
    expect(numbersOf(fields, largeRates, 17, runs(17, 149))).toBeUndefined();
    expect(numbersOf(fields, largeRates, 18, whole)).toBeUndefined();
    expect(numbersOf(fields, largeRates, 17, whole.slice(1))).toBeUndefined();
    for (const one of [
      (run: RunArm): RunArm => ({ ...run, name: 'other' }),
      (run: RunArm): RunArm => ({ ...run, settings: { ...run.settings, batchSize: 32 } }),
    ]) {
      expect(numbersOf(fields, largeRates, 17, changed(one))).toBeUndefined();
    }
    whole[1]?.history.add({ step: 150, loss: 1, accuracy: 1, learningRate: 0.5, records: [] });
    expect(numbersOf(fields, largeRates, 17, whole)).toBeUndefined();
  });
});

/** What it returns, or throws. */
function settled(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
