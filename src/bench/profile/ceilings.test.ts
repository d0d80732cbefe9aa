import { expect, it } from 'vitest';
import { secondsAtBest } from './ceilings.ts';

const ceilings = {
  operationsPerSecond: 100,
  moves: [
    { bytes: 10, bytesPerSecond: 50 },
    { bytes: 1000, bytesPerSecond: 20 },
  ],
  emptyNodeSeconds: 1,
};

it('work at the ceilings takes as long as its operations or its bytes, whichever is longer', () => {
  expect(secondsAtBest({ operations: 300, bytes: 10 }, ceilings)).toBe(3);
  expect(secondsAtBest({ operations: 1, bytes: 20 }, ceilings)).toBe(20 / 50);
  expect(secondsAtBest({ operations: 0, bytes: 0 }, ceilings)).toBe(0);
});

it('bytes move as fast as in the measured amount that is nearest by ratio', () => {
  expect(secondsAtBest({ operations: 0, bytes: 99 }, ceilings)).toBe(99 / 50);
  expect(secondsAtBest({ operations: 0, bytes: 101 }, ceilings)).toBe(101 / 20);
});
