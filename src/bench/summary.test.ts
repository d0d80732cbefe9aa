import { describe, expect, it } from 'vitest';
import type { ContestResult, EntrantResult } from './contest.ts';
import { spread, summariseProbe, summariseSteps } from './summary.ts';

const entrant = (engine: string, rounds: number[][], compileSeconds?: number, peakBytes = 10): EntrantResult => ({
  engine,
  opening: { version: '1', parameters: 7, stepSeconds: 1, ...(compileSeconds !== undefined && { compileSeconds }) },
  rounds,
  peakBytes,
});

const subject = { model: 'mlp', norm: 'batch', width: 1, batchSize: 8, threads: 3 } as const;
const contest = (...results: EntrantResult[]): ContestResult => ({
  subject,
  stepsPerTurn: 3,
  results,
  skipped: [],
});

describe('spread', () => {
  it('is the median with the quartiles', () => {
    expect(spread([5, 1, 4, 2, 3])).toEqual({ median: 3, lower: 2, upper: 4, count: 5 });
  });
});

describe('summariseSteps', () => {
  it('divides the first engine by each other round by round, so that a slow round cancels', () => {
    // The second round is ten times slower for both.
    const a = entrant(
      'a',
      [
        [2, 2, 9],
        [20, 20, 20],
      ],
      0.5,
    );
    const b = entrant(
      'b',
      [
        [4, 4, 4],
        [40, 40, 1],
      ],
      undefined,
      16,
    );
    const { engines, ...about } = summariseSteps(contest(a, b));
    expect(about).toEqual({ ...subject, parameters: 7, stepsPerTurn: 3 });
    expect(engines[0]).toEqual({
      engine: 'a',
      version: '1',
      stepSeconds: { median: 14.5, lower: 3.75, upper: 20, count: 6 },
      compileSeconds: 0.5,
      peakBytes: 10,
    });
    expect(engines[1]?.ratio).toEqual({ median: 0.5, lower: 0.5, upper: 0.5, count: 2 });
    expect(engines[1]?.peakRatio).toBe(10 / 16);
    expect(engines[1]).not.toHaveProperty('compileSeconds');
  });
});

describe('summariseProbe', () => {
  it('is a probed step in plain steps of the same round', () => {
    const plain = entrant('plain', [[1], [2]]);
    const probed = entrant('probed', [[8], [14]]);
    expect(summariseProbe('some probe', contest(plain, probed))).toMatchObject({
      ...subject,
      title: 'some probe',
      ratio: { median: 7.5, lower: 7.25, upper: 7.75, count: 2 },
    });
  });
});
