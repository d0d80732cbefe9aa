import { describe, expect, it } from 'vitest';
import { cellOf } from '../../test/studies.ts';
import type { StepRecord } from '../records/record.ts';
import { accuracyArms, type AccuracyArm, accuracyProtocols, accuracyTraining } from './accuracy-training.ts';
import { bjorck2018LastLayer } from './bjorck2018-last-layer/study.ts';
import { bjorck2018LearningRate } from './bjorck2018-learning-rate/study.ts';
import { de2020SkipInit } from './de2020-skip-init/study.ts';
import type { StudyResult } from './result.ts';
import type { Study } from './study.ts';

/** How the trainings of an arm come out. */
interface MadeUp {
  /** On the test set, the mean over seeds. */
  readonly test: number;
  /** How far the first and last seed are from it; default a thousandth. */
  readonly spread?: number;
  /** On the batches of the last steps; default 0.96. */
  readonly train?: number;
  /** Whether the loss falls to the end; default no. */
  readonly falls?: boolean;
  readonly divergedAt?: number;
}

/** Eight epochs of four batches each. */
const set = { examples: '32', batchSize: '8', smallRateEpochs: '8', largeRateEpochs: '8' };

function resultOf(
  study: Study,
  arms: Partial<Record<AccuracyArm, MadeUp>>,
  plan = study.plan({ budget: 'standard', seeds: 3, firstSeed: 0, set }),
): StudyResult {
  const cells = plan.jobs.map(({ cells: [cell], settings }) => {
    const {
      test,
      spread = 0.001,
      train = 0.96,
      falls = false,
      divergedAt,
    } = arms[cell?.arm as AccuracyArm] ?? { test: Number.NaN };
    const steps = Number(settings['steps']);
    expect(steps).toBe(32);
    const records = Array.from({ length: divergedAt ?? steps }, (_, step): readonly StepRecord[] => {
      const about = { step, definition: 'made up', mode: 'train' } as const;
      return [
        { quantity: 'loss', value: falls ? 2 ** -step : 1, ...about },
        { quantity: 'accuracy', value: train, ...about },
      ];
    });
    const about = { step: steps, definition: 'made up', mode: 'eval' } as const;
    const value = test + spread * ((cell?.seed ?? 0) - 1);
    const end: StepRecord =
      divergedAt === undefined
        ? { quantity: 'test-accuracy', value, ...about }
        : { quantity: 'diverged', value: divergedAt, ...about, mode: 'train' };
    return cellOf([...records.flat(), end]);
  });
  return plan.decide(cells);
}

const verdicts = (result: StudyResult) => result.parts.map(({ verdict }) => verdict);
const paper = { standard: { test: 0.819 }, batch: { test: 0.813 }, 'batch-large': { test: 0.932 } };
const last = { last: { test: 0.901 }, 'last-large': { test: 0.1, train: 0.1 } };

describe('bjorck2018/learning-rate', () => {
  it('reproduces the accuracies of the paper', () => {
    const { parts, sentence, tables } = resultOf(bjorck2018LearningRate, paper);
    expect(parts.map(({ verdict }) => verdict)).toEqual(['reproduced', 'reproduced', 'reproduced']);
    expect(parts[0]?.pairings[0]?.interval?.mean).toBeCloseTo(0.119, 12);
    expect(parts[1]?.pairings[0]?.interval?.mean).toBeCloseTo(0.119 / 2 + 0.006, 12);
    expect(parts[2]?.pairings[0]?.interval?.mean).toBeCloseTo(0.119 / 2 - 0.006, 12);
    expect(sentence).toContain('0.119');
    expect(tables[0]?.rows.map((row) => row.at(-1))).toEqual([3, 3, 3]);
  });

  it('fails where batch norm changes as much at the small rate, either way, or the large rate gains nothing', () => {
    const of = (batch: number, large: number) =>
      verdicts(resultOf(bjorck2018LearningRate, { ...paper, batch: { test: batch }, 'batch-large': { test: large } }));
    expect(of(0.9, 0.93)).toEqual(['reproduced', 'not-reproduced', 'reproduced']);
    expect(of(0.7, 0.9)).toEqual(['reproduced', 'reproduced', 'not-reproduced']);
    expect(of(0.813, 0.8)).toEqual(['not-reproduced', 'not-reproduced', 'not-reproduced']);
  });

  it('judges nothing where a training was too short, and says which', () => {
    const { verdict, parts } = resultOf(bjorck2018LearningRate, {
      ...paper,
      batch: { test: 0.813, train: 0.7, falls: true },
    });
    expect(verdict).toBe('precondition-failed');
    expect(parts[0]?.remarks.at(-1)).toMatch(
      /^Not judged: neither 95 % training accuracy nor a plateau before the rate falls is reached batch norm at the small rate \(3 seeds: 0, 1, 2\)\. /,
    );
  });

  it('is content with a plateau short of 95 %, and with 95 % short of a plateau', () => {
    const plateau = { ...paper, batch: { test: 0.813, train: 0.7 } };
    const fitted = { ...paper, batch: { test: 0.813, falls: true } };
    for (const arms of [plateau, fitted]) expect(resultOf(bjorck2018LearningRate, arms).verdict).toBe('reproduced');
  });

  it('has the third rate of the paper at its size, tells what came of it, and does not judge it', () => {
    const sized = { ...set, smallBatchSizes: '4', controlSeeds: '0', middleRateEpochs: '8' };
    const plan = bjorck2018LearningRate.plan({ budget: 'paper', seeds: 3, firstSeed: 0, set: sized });
    const rates = new Set(plan.jobs.map(({ settings }) => settings['learningRate']));
    expect(rates).toEqual(new Set([1e-4, 0.003, 0.1]));
    const short = { test: 0.904, train: 0.7, falls: true };
    const { verdict, notes } = resultOf(bjorck2018LearningRate, { ...paper, 'batch-middle': short }, plan);
    expect(verdict).toBe('reproduced');
    expect(notes.find((note) => note.includes('0.003'))).toContain('per seed: 0.903, 0.904, 0.905. Paper: 0.904');
    const standard = bjorck2018LearningRate.plan({ budget: 'standard' }).jobs;
    expect(new Set(standard.map(({ settings }) => settings['learningRate']))).toEqual(new Set([0.03, 0.1]));
  });

  it('judges nothing where a network has not learnt, or has diverged', () => {
    for (const standard of [
      { test: 0.1, train: 0.15 },
      { test: 0.1, divergedAt: 5 },
    ]) {
      const { verdict, sentence } = resultOf(bjorck2018LearningRate, { ...paper, standard });
      expect(verdict).toBe('precondition-failed');
      expect(sentence).toContain('without norms at the small rate (3 seeds: 0, 1, 2)');
    }
  });
});

describe('bjorck2018/last-layer', () => {
  it('tells the share of the gain', () => {
    const result = resultOf(bjorck2018LastLayer, { ...paper, ...last });
    expect(verdicts(result)).toEqual(['reproduced']);
    expect(result.parts[0]?.pairings[0]?.interval?.mean).toBeCloseTo(0.901 - (2 / 3) * 0.819 - 0.932 / 3, 12);
    expect(result.parts[0]?.remarks.join(' ')).toContain('by means over seeds: 0.726; published 0.667');
  });

  it('fails where the last layer alone brings less than a third, or does not train', () => {
    const of = (lastAlone: MadeUp) => verdicts(resultOf(bjorck2018LastLayer, { ...paper, ...last, last: lastAlone }));
    expect(of({ test: 0.85 })).toEqual(['not-reproduced']);
    expect(of({ test: 0.1, train: 0.1 })).toEqual(['not-reproduced']);
    expect(of({ test: Number.NaN, divergedAt: 4 })).toEqual(['not-reproduced']);
  });

  it('judges nothing where batch norm throughout gains nothing', () => {
    const { verdict, sentence } = resultOf(bjorck2018LastLayer, { ...paper, ...last, 'batch-large': { test: 0.8 } });
    expect(verdict).toBe('precondition-failed');
    expect(sentence).toContain('which may be nothing');
  });
});

describe('de2020/skip-init', () => {
  const of = (skipInit: MadeUp, fixup: MadeUp = { test: 0.9 }) =>
    verdicts(resultOf(de2020SkipInit, { ...paper, 'skip-init-large': skipInit, 'fixup-large': fixup }));

  it('asks whether SkipInit has half of the gain', () => {
    expect(of({ test: 0.92 })).toEqual(['reproduced']);
    expect(of({ test: 0.85 })).toEqual(['not-reproduced']);
    expect(of({ test: 0.813 + 0.119 / 2, spread: 0.01 })).toEqual(['inconclusive']);
  });

  it('counts SkipInit that does not train as evidence against it, and one that was too short as none', () => {
    expect(of({ test: 0.1, train: 0.1 })).toEqual(['not-reproduced']);
    expect(of({ test: Number.NaN, divergedAt: 3 })).toEqual(['not-reproduced']);
    expect(of({ test: 0.92, train: 0.8, falls: true })).toEqual(['precondition-failed']);
  });

  it('is not kept from a verdict by Fixup, which is not judged', () => {
    expect(of({ test: 0.92 }, { test: 0.1, train: 0.1 })).toEqual(['reproduced']);
    expect(of({ test: 0.92 }, { test: 0.9, train: 0.8, falls: true })).toEqual(['reproduced']);
    const { parts } = resultOf(de2020SkipInit, {
      ...paper,
      'skip-init-large': { test: 0.92 },
      'fixup-large': { test: 0.9 },
    });
    // 0.9 less 0.813 and half of 0.119.
    expect(parts[0]?.remarks).toContainEqual('The same effect of Fixup, per seed: 0.0275, 0.0275, 0.0275. Not judged.');
  });
});

describe('accuracyTraining()', () => {
  const { standard } = accuracyProtocols;

  it('takes whole batches of each epoch, and looks at the test set once', () => {
    const { training } = accuracyTraining(standard, { arm: 'batch', seed: 7 });
    expect(training).toMatchObject({
      examples: 1000,
      batchSize: 64,
      steps: 124 * 15,
      evaluateEvery: 124 * 15,
      seed: 7,
    });
    const small = accuracyTraining(standard, { arm: 'batch', seed: 7, batchSize: 16 }).training;
    expect(small).toMatchObject({ batchSize: 16, steps: 124 * 62, evaluateEvery: 124 * 62 });
  });

  it('gives each arm its rate, and arms of one network one problem', () => {
    const of = (arm: AccuracyArm) => accuracyTraining(standard, { arm, seed: 7 });
    expect(of('batch').problem).toBe(of('batch-large').problem);
    expect(of('standard').training.learningRate).toBe(standard.smallRate);
    expect(of('batch-large').training.learningRate).toBe(standard.largeRate);
    expect(of('skip-init-large').problem.about).toMatchObject({ norm: 'none', branch: 'skip-init' });
    expect(of('last').problem.about).toMatchObject({ norm: 'batch', normalised: 'last' });
    expect(of('standard').problem.about).toMatchObject({ norm: 'none', normalised: 'all' });
  });

  it.each([
    [{ smallRate: '0.1', largeRate: '0.1' }, 'The small rate must be below the large one, got 0.1 and 0.1'],
    [{ middleRate: '0.2' }, 'The middle rate must lie between 0.0001 and 0.1, got 0.2'],
    [{ smallBatchSizes: '16,128' }, 'Batch sizes must differ, got 128 and [16, 128]'],
    [{ seeds: '2' }, /^An interval needs at least 3 seeds/],
  ])('refuses %j', (changes, message) => {
    expect(() => bjorck2018LearningRate.plan({ budget: 'paper', set: changes })).toThrow(message);
  });
});

describe('accuracyArms', () => {
  it('differ from one another in what they train', () => {
    const told = Object.values(accuracyArms).map((arm) => JSON.stringify(arm));
    expect(new Set(told).size).toBe(told.length);
  });
});
