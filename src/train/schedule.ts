/** @file How the learning rate changes over a run, as a multiple of the initial one. */

import { SettingError, unknownName } from '../errors.ts';
import { wholePower } from '../math/power.ts';

export type ScheduleSettings =
  | { readonly kind: 'constant' }
  /** Multiplied by `factor` at each of the fractions of the run. */
  | { readonly kind: 'step'; readonly at: readonly number[]; readonly factor: number }
  /** (1 + cos(π·t/T)) / 2, from 1 down to 0 at the end. */
  | { readonly kind: 'cosine' }
  /**
   * Multiplied by `factor` when learning slows: when the mean training loss of a window of `patience` steps is not below
   * the best such mean by the fraction `improvement`. Windows do not overlap.
   */
  | { readonly kind: 'plateau'; readonly patience: number; readonly factor: number; readonly improvement: number };

/** A schedule under way. Its state is plain numbers, so that a checkpoint can hold it. */
export interface Schedule {
  /** The multiple of the initial learning rate for step t. */
  multiple(step: number): number;
  /** Takes note of the training loss of a step. */
  observe(loss: number): void;
  state(): readonly number[];
  restore(state: readonly number[]): void;
}

/** The schedule of a name with its usual settings: halves and quarters of the run, a tenth each time. */
export function scheduleNamed(name: string): ScheduleSettings {
  const known = {
    constant: { kind: 'constant' },
    step: { kind: 'step', at: [0.5, 0.75], factor: 0.1 },
    cosine: { kind: 'cosine' },
    plateau: { kind: 'plateau', patience: 500, factor: 0.1, improvement: 0.01 },
  } as const satisfies Record<string, ScheduleSettings>;
  if (Object.hasOwn(known, name)) return known[name as keyof typeof known];
  throw unknownName('schedule', name, Object.keys(known));
}

/** @throws {SettingError} */
export function checkSchedule(settings: ScheduleSettings): void {
  if (settings.kind === 'step') {
    const bad = settings.at.find((fraction) => !(fraction > 0 && fraction < 1));
    if (bad !== undefined) throw new SettingError(`Steps of a schedule are fractions of the run in (0, 1), got ${bad}`);
  }
  if (settings.kind === 'plateau' && !(Number.isInteger(settings.patience) && settings.patience >= 1)) {
    throw new SettingError(`The patience of a plateau schedule must be 1 step or more, got ${settings.patience}`);
  }
  if (settings.kind === 'plateau' && !(settings.improvement >= 0 && settings.improvement < 1)) {
    throw new SettingError(`The improvement of a plateau schedule must lie in [0, 1), got ${settings.improvement}`);
  }
  if ((settings.kind === 'step' || settings.kind === 'plateau') && !(settings.factor > 0 && settings.factor < 1)) {
    throw new SettingError(`The factor of a schedule must lie in (0, 1), got ${settings.factor}`);
  }
}

export function createSchedule(settings: ScheduleSettings, steps: number): Schedule {
  switch (settings.kind) {
    case 'constant':
      return stateless(() => 1);
    case 'step':
      return stateless((step) =>
        wholePower(settings.factor, settings.at.filter((fraction) => step >= fraction * steps).length),
      );
    case 'cosine':
      return stateless((step) => (1 + Math.cos((Math.PI * step) / steps)) / 2);
    case 'plateau':
      return plateau(settings);
  }
}

function stateless(multiple: (step: number) => number): Schedule {
  return { multiple, observe: () => undefined, state: () => [], restore: () => undefined };
}

function plateau({ patience, factor, improvement }: Extract<ScheduleSettings, { kind: 'plateau' }>): Schedule {
  let [current, best, sum, count] = [1, Number.MAX_VALUE, 0, 0];
  return {
    multiple: () => current,
    observe(loss) {
      sum += loss;
      count += 1;
      if (count < patience) return;
      const mean = sum / count;
      // Equal is not below: with an improvement of 0, losses that stand still must count as slow.
      if (!(mean < best * (1 - improvement))) current *= factor;
      best = Math.min(best, mean);
      [sum, count] = [0, 0];
    },
    state: () => [current, best, sum, count],
    restore(state) {
      [current = 1, best = Number.MAX_VALUE, sum = 0, count = 0] = state;
    },
  };
}
