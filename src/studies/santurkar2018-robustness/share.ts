/** @file Which places of the grid train, arm by arm and seed by seed, and what share of it they are. */

import { type Chance, trained } from '../trainable.ts';
import type { TrainingCurve } from '../training-curves.ts';

/** A training at its place of the grid. */
export interface Placed {
  readonly arm: string;
  readonly seed: number;
  /** Multiplies the initial weights. */
  readonly scale: number;
  readonly rate: number;
  readonly curve: TrainingCurve;
}

export interface Outcome extends Omit<Placed, 'curve'> {
  readonly isTrained: boolean;
  readonly hasDiverged: boolean;
  /** Running training loss at the end; not a number where it diverged. */
  readonly loss: number;
}

/** Each arm is judged by its own best place, in each seed. */
export function outcomesOf(trainings: readonly Placed[], chance: Chance): readonly Outcome[] {
  const groups = new Map<string, Placed[]>();
  for (const training of trainings) {
    const key = `${training.arm} ${training.seed}`;
    groups.set(key, [...(groups.get(key) ?? []), training]);
  }
  return [...groups.values()].flatMap((group) => {
    const isTrained = trained(
      group.map(({ curve }) => curve),
      chance,
    );
    return group.map(({ curve, ...place }, i): Outcome => {
      const hasDiverged = curve.divergedAt !== undefined;
      const loss = hasDiverged ? Number.NaN : (curve.runningLoss.at(-1) ?? Number.NaN);
      return { ...place, isTrained: isTrained[i] === true, hasDiverged, loss };
    });
  });
}

/** The share of the grid that trains; not a number where nothing does. */
export function shareTrained(outcomes: readonly Outcome[], arm: string, seed: number): number {
  const own = outcomes.filter((one) => one.arm === arm && one.seed === seed);
  const count = own.filter(({ isTrained }) => isTrained).length;
  return count === 0 ? Number.NaN : count / own.length;
}
