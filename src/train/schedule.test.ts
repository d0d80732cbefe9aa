import { describe, expect, it } from 'vitest';
import { checkSchedule, createSchedule, type Schedule, type ScheduleSettings, scheduleNamed } from './schedule.ts';

const multiples = (schedule: Schedule, steps: readonly number[]): number[] =>
  steps.map((step) => schedule.multiple(step));

describe('createSchedule()', () => {
  it('constant stays at the initial rate', () => {
    expect(multiples(createSchedule({ kind: 'constant' }, 10), [0, 5, 9])).toEqual([1, 1, 1]);
  });

  it('step multiplies by the factor from each fraction of the run on', () => {
    const schedule = createSchedule({ kind: 'step', at: [0.5, 0.75], factor: 0.1 }, 200);
    const [first, second] = [0.1, 0.1 ** 2];
    expect(multiples(schedule, [0, 99, 100, 149, 150, 199])).toEqual([1, 1, first, first, second, second]);
  });

  it('cosine falls from 1 by half a wave, which would end at 0 with the step after the last', () => {
    const schedule = createSchedule({ kind: 'cosine' }, 12);
    const expected = [1, (1 + Math.SQRT1_2) / 2, 0.75, 0.5, 0.25, 0];
    multiples(schedule, [0, 3, 4, 6, 8, 12]).forEach((multiple, i) => {
      expect(multiple).toBeCloseTo(expected[i] ?? Number.NaN, 14);
    });
  });

  it('plateau lowers the rate when a window of losses is not better than the best by enough', () => {
    const schedule = createSchedule({ kind: 'plateau', patience: 2, factor: 0.5, improvement: 0.1 }, 100);
    // Means of the windows: 4, 3, 2.8 (not 10 % better than 3), 2.5 (10 % better than 2.8), 2.6 (worse).
    const losses = [5, 3, 3, 3, 2.9, 2.7, 2, 3, 2.6, 2.6];
    const seen = losses.map((loss, step) => {
      schedule.observe(loss);
      return schedule.multiple(step + 1);
    });
    expect(seen).toEqual([1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25]);
  });

  it.each([
    ['stand still', [2, 2, 2, 2, 2, 2]],
    ['are 0', [0, 0, 0, 0, 0, 0]],
    ['grow', [2, 2, 3, 3, 4, 4]],
  ])('plateau without a wanted improvement lowers the rate where losses %s', (_, losses) => {
    const schedule = createSchedule({ kind: 'plateau', patience: 2, factor: 0.5, improvement: 0 }, losses.length);
    const seen = losses.map((loss, step) => {
      schedule.observe(loss);
      return schedule.multiple(step + 1);
    });
    expect(seen).toEqual([1, 1, 1, 0.5, 0.5, 0.25]);
  });

  it('plateau without a wanted improvement keeps the rate while losses fall by the least', () => {
    const schedule = createSchedule({ kind: 'plateau', patience: 1, factor: 0.5, improvement: 0 }, 3);
    for (const loss of [2, 2 - Number.EPSILON, 2 - 2 * Number.EPSILON]) schedule.observe(loss);
    expect(schedule.multiple(3)).toBe(1);
  });

  it.each<ScheduleSettings>([
    { kind: 'constant' },
    { kind: 'step', at: [0.3], factor: 0.1 },
    { kind: 'cosine' },
    { kind: 'plateau', patience: 3, factor: 0.5, improvement: 0.01 },
  ])('$kind goes on after a restore at any step, through JSON, as if never interrupted', (settings) => {
    const losses = Array.from({ length: 20 }, (_, i) => 2 + Math.sin(3 * i) - 0.02 * i);
    const whole = createSchedule(settings, losses.length);
    const expected = losses.map((loss, step) => {
      whole.observe(loss);
      return whole.multiple(step + 1);
    });
    expect(settings.kind !== 'plateau' || new Set(expected).size > 2).toBe(true);
    for (let cut = 0; cut <= losses.length; cut++) {
      const before = createSchedule(settings, losses.length);
      for (const loss of losses.slice(0, cut)) before.observe(loss);
      const after = createSchedule(settings, losses.length);
      after.restore(JSON.parse(JSON.stringify(before.state())) as number[]);
      expect(after.multiple(cut)).toBe(before.multiple(cut));
      const rest = losses.slice(cut).map((loss, i) => {
        after.observe(loss);
        return after.multiple(cut + i + 1);
      });
      expect(rest).toEqual(expected.slice(cut));
    }
  });
});

describe('scheduleNamed()', () => {
  it.each(['constant', 'step', 'cosine', 'plateau'])('knows %s, with settings that pass its own check', (name) => {
    const settings = scheduleNamed(name);
    expect(settings.kind).toBe(name);
    expect(() => checkSchedule(settings)).not.toThrow();
  });

  it('suggests the nearest name', () => {
    expect(() => scheduleNamed('cosin')).toThrow("Unknown schedule 'cosin'; did you mean 'cosine'?");
    expect(() => scheduleNamed('toString')).toThrow(/^Unknown schedule 'toString'/);
  });
});

describe('checkSchedule()', () => {
  const plateau = { kind: 'plateau', patience: 5, factor: 0.1, improvement: 0.01 } as const;
  it.each<[ScheduleSettings, string]>([
    [{ kind: 'step', at: [0.5, 1], factor: 0.1 }, 'Steps of a schedule are fractions of the run in (0, 1), got 1'],
    [{ kind: 'step', at: [0.5, 100], factor: 0.1 }, 'Steps of a schedule are fractions of the run in (0, 1), got 100'],
    [{ kind: 'step', at: [0.5], factor: 1 }, 'The factor of a schedule must lie in (0, 1), got 1'],
    [{ ...plateau, factor: 0 }, 'The factor of a schedule must lie in (0, 1), got 0'],
    [{ ...plateau, patience: 0 }, 'The patience of a plateau schedule must be 1 step or more, got 0'],
    [{ ...plateau, patience: 2.5 }, 'The patience of a plateau schedule must be 1 step or more, got 2.5'],
    [{ ...plateau, improvement: 1 }, 'The improvement of a plateau schedule must lie in [0, 1), got 1'],
    [{ ...plateau, improvement: -0.1 }, 'The improvement of a plateau schedule must lie in [0, 1), got -0.1'],
    [{ ...plateau, improvement: Number.NaN }, 'The improvement of a plateau schedule must lie in [0, 1), got NaN'],
  ])('refuses %j', (settings, message) => {
    expect(() => checkSchedule(settings)).toThrow(expect.objectContaining({ name: 'SettingError', message }));
  });
});
