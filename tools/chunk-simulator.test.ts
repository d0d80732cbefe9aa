import { describe, expect, it } from 'vitest';
import { arraysOf, taperedChunks } from '../src/sweeps/chunks.ts';
import { drawnEstimates, rangeOf, simulatedTable } from './chunk-simulator.ts';

// Draws scatter by a point and less where work tapers, and by 2.5 for equal chunks: the mean of 12 by a third of that.
const table = simulatedTable(12);
const named = table.map((row) => [`${row.seconds} s, ${row.workers} workers`, row] as const);

/** How far a mean may be from the published figure, in points of utilisation. */
const POINT = 1;

describe('the simulated table of chunks', () => {
  it.each(named)('has the published utilisation where work tapers, and in a queue: %s', (_, row) => {
    expect(Math.abs(rangeOf(row, 'tapered').mean - row.published.tapered)).toBeLessThan(POINT);
    expect(Math.abs(rangeOf(row, 'queue').mean - row.published.queue)).toBeLessThan(POINT);
  });

  it.each(named)('has the published number of tasks to 5 %%: %s', (_, row) => {
    expect(Math.abs(rangeOf(row, 'tasks').mean / row.published.tasks - 1)).toBeLessThan(0.05);
  });

  it.each(named.filter(([, { seconds }]) => seconds === 60))('has the published equal chunks: %s', (_, row) => {
    expect(Math.abs(rangeOf(row, 'equal').mean - row.published.equal)).toBeLessThan(POINT);
  });

  it.each(named.filter(([, { seconds }]) => seconds !== 60))('has equal chunks of its own: %s', (_, row) => {
    // What the file says of them, so that it is read again when they come to agree.
    expect(Math.abs(rangeOf(row, 'equal').mean - row.published.equal)).toBeGreaterThan(5);
  });

  it.each(named)('keeps hosts busier by tapering than by equal chunks, in every draw: %s', (_, row) => {
    expect(row.draws.every(({ equal, tapered }) => tapered > equal + 5)).toBe(true);
  });
});

describe('10,000 cells at the usual floor', () => {
  it.each([
    [10, 32],
    [60, 32],
    [60, 256],
  ])('of %i s fit into one array of 1,001 for %i workers', (seconds, workers) => {
    const tasks = taperedChunks(drawnEstimates(seconds, 3), { workers });
    expect(tasks.flat()).toHaveLength(10_000);
    expect(arraysOf(tasks.length, 1001)).toEqual([{ offset: 0, count: tasks.length }]);
  });
});
