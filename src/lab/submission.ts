/** @file What a student hands in: the numbers of tours that they ran, with seeds of their own. */

import type { History } from './history.ts';
import type { ArmSettings, Fields } from './settings.ts';
import { measuredOf } from './tours/measured.ts';
import type { ExpectedQuantity, Tour } from './tours/tour.ts';
import { tourScene } from './tours/tour-scene.ts';

/** One number that a run showed. */
export interface ShownNumber {
  readonly quantity: ExpectedQuantity;
  readonly arm: string;
  readonly step: number;
  /** A double, every bit of it; null where the loss of the arm was no finite number at this step or before. */
  readonly value: number | null;
}

export interface SubmittedTour {
  readonly tour: string;
  readonly seed: number;
  /** Which answer was chosen before the run, counted from 0; null where none was. */
  readonly predicted: number | null;
  readonly measured: readonly ShownNumber[];
}

export interface Submission {
  /** The version that it was made with. */
  readonly normscope: string;
  readonly student: string;
  readonly tours: readonly SubmittedTour[];
}

/** An arm that was run from its own beginning. */
export interface RunArm {
  readonly name: string;
  /** As they stood at the end. */
  readonly settings: ArmSettings;
  readonly history: History;
}

/**
 * What a tour asks for, of runs that were as the tour says, with a seed.
 * @returns undefined where an arm is missing, had other settings or another rate at any step, or did not come far enough with what measures it.
 */
export function numbersOf(
  fields: Fields,
  tour: Tour,
  seed: number,
  runs: readonly RunArm[],
): readonly ShownNumber[] | undefined {
  const histories = new Map<string, History>();
  for (const { name, settings } of tourScene(fields, tour, seed).arms) {
    const run = runs.find((one) => one.name === name && isAsSet(one, settings));
    if (run !== undefined) histories.set(name, run.history);
  }
  const numbers = tour.expectation.flatMap(({ quantity, arm, step }): readonly ShownNumber[] => {
    const history = histories.get(arm);
    const value = history === undefined ? undefined : shownValue(history, quantity, step);
    return value === undefined ? [] : [{ quantity, arm, step, value }];
  });
  return numbers.length === tour.expectation.length ? numbers : undefined;
}

/** By its settings at the end, and by its rate at every step: one that was changed and changed back leaves no other trace. */
function isAsSet({ settings, history }: RunArm, asked: ArmSettings): boolean {
  const isSame = Object.entries(asked).every(([name, value]) => settings[name as keyof ArmSettings] === value);
  return isSame && history.line('learning-rate').y.every((rate) => rate === asked.learningRate);
}

function shownValue(history: History, quantity: ExpectedQuantity, step: number): number | null | undefined {
  const found = measuredOf(history, quantity, step);
  if (found !== undefined) return Number.isFinite(found) ? found : null;
  const { x, y } = history.line('loss');
  const lost = x[y.findIndex((loss) => !Number.isFinite(loss))];
  return lost !== undefined && lost <= step ? null : undefined;
}
