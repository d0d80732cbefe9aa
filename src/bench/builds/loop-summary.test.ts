import { expect, it } from 'vitest';
import { summariseLoop } from './loop-summary.ts';
import { loops } from './loops.ts';

it('divides medians, and round by round, so that a slow round cancels', () => {
  const [loop] = loops;
  if (loop === undefined) throw new RangeError('There must be a loop');
  // The second round is ten times slower for both.
  const rounds = [
    { here: 3, there: 4 },
    { here: 20, there: 40 },
    { here: 4, there: 5 },
  ];
  expect(summariseLoop(loop, 2, rounds)).toEqual({
    ...loop,
    threads: 2,
    rounds,
    stepSeconds: { here: 4, there: 5 },
    ratio: 0.8,
    roundRatio: { median: 0.75, least: 0.5, most: 0.8 },
  });
});
