import { expect, it } from 'vitest';
import { createStream } from '../math/random.ts';
import { makespan } from './makespan.ts';

it.each<[readonly number[], number, number]>([
  [[], 3, 0],
  [[5], 3, 5],
  [[3, 3, 2, 2, 2], 2, 7],
  [[4, 1, 1, 1, 1], 2, 4],
])('%j on %i workers takes %i', (durations, workers, time) => expect(makespan(durations, workers)).toBe(time));

it('is what a clock shows that is moved on tick by tick', () => {
  const durations = new Float32Array(41);
  createStream({ seed: 3, purpose: 'probe', layer: 'makespan' }).fillUniform(durations, 1, 20);
  const ticks = [...durations].map(Math.floor);
  const waiting = [...ticks];
  let [clock, working] = [0, [] as number[]];
  while (waiting.length > 0 || working.length > 0) {
    while (working.length < 7 && waiting.length > 0) working.push(waiting.shift() ?? 0);
    working = working.map((left) => left - 1).filter((left) => left > 0);
    clock += 1;
  }
  expect(makespan(ticks, 7)).toBe(clock);
});
