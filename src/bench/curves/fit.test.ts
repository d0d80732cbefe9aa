import { expect, it } from 'vitest';
import { fitLine } from './fit.ts';

it('finds the line that points lie on', () => {
  const line = fitLine([8, 16, 128, 512].map((x) => ({ x, seconds: 0.005 + 0.002 * x })));
  expect(line.fixedSeconds).toBeCloseTo(0.005, 12);
  expect(line.secondsPerUnit).toBeCloseTo(0.002, 12);
  expect(line.worstError).toBeCloseTo(0, 10);
});

it('weighs errors by the time that they are errors of', () => {
  // By hand: a constant c nearest to 1 and 3 at the same x in relative terms is (1/1 + 1/3) / (1/1 + 1/9) = 1.2.
  const line = fitLine([
    { x: 5, seconds: 1 },
    { x: 5, seconds: 3 },
  ]);
  expect(line.fixedSeconds).toBeCloseTo(1.2, 12);
  expect(line.secondsPerUnit).toBe(0);
  expect(line.worstError).toBeCloseTo(1.8 / 3, 12);
});
