/** @file What the trainings of a sweep came to, setting by setting: means over seeds, what is missing and what diverged. */

import type { SweepAxis } from './plan.ts';
import { SettingError } from '../errors.ts';
import { type Interval, mean, studentInterval } from '../math/statistics.ts';
import type { FinishedCell } from '../records/cell.ts';
import { Records } from '../records/records.ts';
import { curveOf } from '../studies/training-curves.ts';

/** As studies ask for. */
export const LEAST_FOR_INTERVAL = 3;

/** A training of the sweep, or the place of one that is missing. */
export interface SweptCell {
  /** The value of every axis by its name, as typed. */
  readonly setting: Readonly<Record<string, string>>;
  readonly seed: number;
  readonly finished: FinishedCell | undefined;
}

/** A mean over the seeds that finished and did not diverge. */
export interface SeedMean {
  readonly mean: number;
  /** Student's 95 % interval; undefined for fewer than three seeds, of which it says next to nothing: t is 13 for two. */
  readonly interval: Interval | undefined;
}

export interface SettingResult {
  readonly setting: SweptCell['setting'];
  readonly asked: number;
  /** Those that diverged included. */
  readonly finished: number;
  readonly diverged: number;
  /** Cross-entropy of the last 20 mini-batches, nats; undefined where no seed has one. */
  readonly loss: SeedMean | undefined;
  /** On the whole test set after the last step, a fraction; undefined where no seed has one. */
  readonly accuracy: SeedMean | undefined;
  readonly cells: readonly SweptCell[];
}

/**
 * A result per setting, in the order in which the cells name them.
 * @throws {SettingError} where a cell lies on no place of the axes, or two are of one setting and seed.
 */
export function settingResults(axes: readonly SweepAxis[], cells: readonly SweptCell[]): readonly SettingResult[] {
  const bySetting = new Map<string, SweptCell[]>();
  for (const cell of cells) {
    assertOnAxes(axes, cell);
    const key = JSON.stringify(axes.map(({ name }) => cell.setting[name]));
    const group = bySetting.get(key) ?? [];
    if (group.some(({ seed }) => seed === cell.seed)) {
      throw new SettingError(
        `A sweep has each setting once per seed, got ${settingText(axes, cell.setting)} twice with seed ${cell.seed}`,
      );
    }
    bySetting.set(key, [...group, cell]);
  }
  return [...bySetting.values()].map((group) => resultOf(axes, group));
}

/** "lr 0.1, norm batch", in the order of the axes. */
export function settingText(axes: readonly SweepAxis[], setting: SweptCell['setting']): string {
  return axes.map(({ name }) => `${name} ${setting[name] ?? ''}`).join(', ');
}

function resultOf(axes: readonly SweepAxis[], cells: readonly SweptCell[]): SettingResult {
  const ends = cells.flatMap(({ finished }) => {
    if (finished === undefined) return [];
    const { runningLoss, testAccuracy, divergedAt } = curveOf(new Records(finished.records()));
    return [{ loss: runningLoss.at(-1) ?? Number.NaN, accuracy: testAccuracy, hasDiverged: divergedAt !== undefined }];
  });
  const whole = ends.filter(({ hasDiverged }) => !hasDiverged);
  const own = axes.map(({ name }) => [name, cells[0]?.setting[name] ?? ''] as const);
  return {
    setting: Object.fromEntries(own),
    asked: cells.length,
    finished: ends.length,
    diverged: ends.length - whole.length,
    loss: maybeMean(whole.map(({ loss }) => loss)),
    accuracy: maybeMean(whole.map(({ accuracy }) => accuracy)),
    cells,
  };
}

/** A number that was not measured is left out, as a test accuracy where nothing was evaluated. */
function maybeMean(values: readonly number[]): SeedMean | undefined {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return undefined;
  return { mean: mean(finite), interval: finite.length >= LEAST_FOR_INTERVAL ? studentInterval(finite) : undefined };
}

function assertOnAxes(axes: readonly SweepAxis[], { setting }: SweptCell): void {
  for (const { name, values } of axes) {
    const value = setting[name];
    if (value !== undefined && values.includes(value)) continue;
    throw new SettingError(
      `A cell of a sweep has a value of every axis, got ${name} ${value ?? 'missing'}; the axis has ${values.join(', ')}`,
    );
  }
}
