import { describe, expect, it } from 'vitest';
import { SettingError } from '../errors.ts';
import { arraysOf, taperedChunks } from './chunks.ts';

/** Weights from 0 to 996 in no order, by a permutation of residues: 7 is a generator modulo 997. */
function unequal(count: number): readonly number[] {
  const weights: number[] = [];
  for (let i = 0, power = 1; i < count; i++, power = (power * 7) % 997) weights.push(i % 5 === 0 ? 0 : power);
  return weights;
}

function sumOf(task: readonly number[], seconds: readonly number[]): number {
  return task.reduce((sum, job) => sum + (seconds[job] ?? Number.NaN), 0);
}

describe('taperedChunks()', () => {
  it.each([
    ['one job', [37], 5],
    ['fewer jobs than workers', [3, 1, 2], 7],
    ['jobs of no weight', [0, 0, 0], 2],
    ['an odd number of very unequal jobs', unequal(311), 13],
    ['one giant among dwarfs', [1e-3, 1e-3, 1e7, 1e-3, 1e-3], 3],
  ])('gives every job once: %s', (_, seconds, workers) => {
    const tasks = taperedChunks(seconds, { workers, floorSeconds: 60 });
    expect(tasks.every((task) => task.length > 0)).toBe(true);
    expect(tasks.flat().toSorted((a, b) => a - b)).toEqual(seconds.map((_, job) => job));
  });

  it('gives no task where there is no job', () => {
    expect(taperedChunks([], { workers: 3 })).toEqual([]);
  });

  it('halves what is left among the workers, heaviest first', () => {
    const tasks = taperedChunks([1, 9, 2, 7, 3, 8], { workers: 1, floorSeconds: 0 });
    // Half of 30 is 15: 9, as 8 more make 17. Half of 21: 8. Half of 13 is less than 7, which stands alone. Half of 6: 3.
    // Half of 3 is less than 2, which stands alone. 1 is left.
    expect(tasks).toEqual([[1], [5], [3], [4], [2], [0]]);
  });

  it('fills every task up to the floor, and the last with the rest', () => {
    const seconds = Array.from({ length: 23 }, () => 7);
    // 30 s hold four jobs of 7 s; the share, 161 / 200 s at most, is less.
    expect(taperedChunks(seconds, { workers: 100, floorSeconds: 30 }).map(({ length }) => length)).toEqual([
      4, 4, 4, 4, 4, 3,
    ]);
    // With 5 s of overhead in those 30 s, three.
    const settings = { workers: 100, floorSeconds: 30, overheadSeconds: 5 };
    expect(taperedChunks(seconds, settings).map(({ length }) => length)).toEqual([3, 3, 3, 3, 3, 3, 3, 2]);
  });

  it('has a floor of ten minutes by default', () => {
    const seconds = Array.from({ length: 31 }, () => 60);
    expect(taperedChunks(seconds, { workers: 99 }).map(({ length }) => length)).toEqual([10, 10, 10, 1]);
  });

  it('keeps the order of equal jobs', () => {
    const tasks = taperedChunks([5, 6, 5, 6, 5, 6, 5], { workers: 4, floorSeconds: 0 });
    expect(tasks.flat()).toEqual([1, 3, 5, 0, 2, 4, 6]);
  });

  it('holds each task to its bound, from sums of its own', () => {
    const seconds = unequal(997);
    const tasks = taperedChunks(seconds, { workers: 11, floorSeconds: 1500 });
    let left = seconds.reduce((sum, one) => sum + one, 0);
    tasks.forEach((task, i) => {
      const bound = Math.max(left / 22, 1500);
      const held = sumOf(task, seconds);
      // All sums are of whole numbers, hence exact; the share may round once.
      expect(held).toBeLessThanOrEqual(bound * (1 + 2 ** -50));
      const next = tasks[i + 1]?.[0];
      // Nothing comes after the last, which may hold any amount.
      const withNext = next === undefined ? Number.POSITIVE_INFINITY : held + (seconds[next] ?? 0);
      expect(withNext).toBeGreaterThan(bound * (1 - 2 ** -50));
      left -= held;
    });
    expect(left).toBe(0);
  });

  it.each([
    [[1], { workers: 0 }, 'workers must be a whole number of 1 or more, got 0'],
    [[1], { workers: 2.5 }, 'got 2.5'],
    [[1], { workers: 2, floorSeconds: -1 }, 'floorSeconds must be 0 s or more and finite, got -1'],
    [[1], { workers: 2, overheadSeconds: Number.NaN }, 'overheadSeconds must be 0 s or more and finite, got NaN'],
    [[1, -3], { workers: 2 }, 'the estimate of job 1 must be 0 s or more and finite, got -3'],
    [[Number.POSITIVE_INFINITY], { workers: 2 }, 'the estimate of job 0'],
  ])('refuses %j with %j', (seconds, settings, message) => {
    const divide = (): unknown => taperedChunks(seconds, settings);
    expect(divide).toThrow(SettingError);
    expect(divide).toThrow(message);
  });
});

describe('arraysOf()', () => {
  it.each([
    [0, 1001, []],
    [1, 1001, [{ offset: 0, count: 1 }]],
    // Indices 0 … 1000, which MaxArraySize=1001 allows.
    [1001, 1001, [{ offset: 0, count: 1001 }]],
    [
      1002,
      1001,
      [
        { offset: 0, count: 1001 },
        { offset: 1001, count: 1 },
      ],
    ],
    [
      7,
      3,
      [
        { offset: 0, count: 3 },
        { offset: 3, count: 3 },
        { offset: 6, count: 1 },
      ],
    ],
  ])('divides %i tasks where MaxArraySize is %i', (tasks, most, arrays) => {
    expect(arraysOf(tasks, most)).toEqual(arrays);
  });

  it.each([
    [-1, 5, 'tasks must be a whole number of 0 or more, got -1'],
    [1.5, 5, 'got 1.5'],
    [3, 0, 'MaxArraySize must be a whole number of 1 or more, got 0'],
  ])('refuses %d tasks in arrays of %d', (tasks, most, message) => {
    const divide = (): unknown => arraysOf(tasks, most);
    expect(divide).toThrow(SettingError);
    expect(divide).toThrow(message);
  });
});
