import { describe, expect, it } from 'vitest';
import type { ContestResult, EntrantResult } from './contest.ts';
import { spread, summariseProbe, summariseSteps } from './summary.ts';

const entrant = (engine: string, rounds: number[][], compileSeconds?: number): EntrantResult => ({
  engine,
  opening: { version: '1', parameters: 7, stepSeconds: 1, ...(compileSeconds !== undefined && { compileSeconds }) },
  rounds,
  peakBytes: 10,
});

const contest = (...results: EntrantResult[]): ContestResult => ({
  subject: { model: 'mlp', norm: 'batch', width: 1, batchSize: 8 },
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
    const b = entrant('b', [
      [4, 4, 4],
      [40, 40, 1],
    ]);
    const { engines, parameters } = summariseSteps(contest(a, b));
    expect(parameters).toBe(7);
    expect(engines[0]).toEqual({
      engine: 'a',
      version: '1',
      stepSeconds: { median: 14.5, lower: 3.75, upper: 20, count: 6 },
      compileSeconds: 0.5,
      peakBytes: 10,
    });
    expect(engines[1]?.ratio).toEqual({ median: 0.5, lower: 0.5, upper: 0.5, count: 2 });
    expect(engines[1]).not.toHaveProperty('compileSeconds');
  });
});

describe('summariseProbe', () => {
  it('is what the probe adds, in plain steps of the same round', () => {
    const plain = entrant('plain', [[1], [2]]);
    const probed = entrant('probed', [[8], [14]]);
    expect(summariseProbe(contest(plain, probed)).cost).toEqual({ median: 6.5, lower: 6.25, upper: 6.75, count: 2 });
  });
});
