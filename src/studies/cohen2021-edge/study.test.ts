/** @file The rule of the edge of stability, on made-up trainings. */

import { describe, expect, it } from 'vitest';
import { cellOf, recordOf } from '../../../test/studies.ts';
import { need } from '../../errors.ts';
import type { FinishedCell } from '../../records/cell.ts';
import type { StudyResult } from '../result.ts';
import { cohen2021Edge } from './study.ts';

const set = { learningRates: '0.02,0.05,0.1', seeds: '3' };
const plan = cohen2021Edge.plan({ budget: 'standard', set });

/** A training whose λ·rate/2 rises and then stays at a level. */
function training(rate: number, level: number, isApart = false, start = 0.3): FinishedCell {
  const values = [start, 0.7, level, 1.02 * level, 0.98 * level];
  const measured = values.flatMap((value, i) => [
    recordOf('data-sharpness', 40 * i, (2 * value) / rate),
    recordOf('data-sharpness-residual', 40 * i, (0.002 * value) / rate),
  ]);
  return cellOf([...measured, ...(isApart ? [recordOf('diverged', 190, 190)] : [])]);
}

type Level = (arm: string, rate: number, seed: number) => number;

/** What is decided of trainings that stay at a level; every cell has its arm, its seed and its rate. */
function decided(
  level: Level,
  isApart = (_arm: string, _rate: number): boolean => false,
  start = (_arm: string): number => 0.3,
): StudyResult {
  const cells = plan.jobs.flatMap((job) => job.cells);
  return plan.decide(
    cells.map(({ arm, seed, place }) => {
      const rate = Number(need(place?.['rate'], 'a rate'));
      return training(rate, level(arm, rate, seed), isApart(arm, rate), start(arm));
    }),
  );
}

const verdicts = ({ parts }: StudyResult): readonly string[] => parts.map(({ verdict }) => verdict);
const near =
  (level: number): Level =>
  (_, __, seed) =>
    level + 0.01 * (seed - 101);

describe('cohen2021/edge', () => {
  it('is reproduced where every training stays a little above the edge', () => {
    const result = decided(near(1.1));
    expect(verdicts(result)).toEqual(['reproduced', 'reproduced', 'reproduced']);
    expect(result.parts.map(({ pairings }) => pairings.length)).toEqual([3, 3, 3]);
  });

  it('tells arms apart: sharper with batch norm, and too sharp', () => {
    const result = decided((arm, rate, seed) => (arm === 'batch' ? 1.5 : 1) * near(1.05)(arm, rate, seed));
    expect(verdicts(result)).toEqual(['reproduced', 'not-reproduced', 'not-reproduced']);
  });

  it('is undecided where one rate of three is elsewhere', () => {
    const result = decided((arm, rate, seed) => (rate === 0.05 ? 1.6 : 1) * near(1.05)(arm, rate, seed));
    expect(verdicts(result)).toEqual(['inconclusive', 'inconclusive', 'reproduced']);
  });

  it('is undecided, and not reproduced, where an interval merely contains equality', () => {
    const spread = (arm: string, _: number, seed: number): number =>
      arm === 'batch' ? 1.1 + 0.14 * (seed - 101) : 1.1;
    expect(verdicts(decided(spread))[2]).toBe('inconclusive');
  });

  it('says of an arm that begins beyond the edge that nothing drives it up to it', () => {
    const start = (arm: string): number => (arm === 'batch' ? 4.5 : 0.3);
    const { notes } = decided(near(1.1), undefined, start);
    expect(notes.filter((note) => note.includes('begins beyond the edge'))).toEqual([
      expect.stringMatching(/^Every training with batch norm begins beyond the edge, at λ·rate\/2 = 4\.5 to 4\.5: /),
    ]);
    expect(decided(near(1.1)).notes.join(' ')).not.toContain('begins beyond the edge');
  });

  it('has failed its precondition where one training does not arrive', () => {
    const result = decided((arm, rate, seed) => (arm === 'standard' && rate === 0.02 && seed === 102 ? 0.8 : 1.1));
    expect(verdicts(result)).toEqual(['precondition-failed', 'reproduced', 'precondition-failed']);
    expect(result.verdict).toBe('precondition-failed');
  });

  it('has failed it too where one comes apart', () => {
    const result = decided(near(1.1), (arm, rate) => arm === 'batch' && rate === 0.1);
    expect(verdicts(result)).toEqual(['reproduced', 'precondition-failed', 'precondition-failed']);
  });
});
