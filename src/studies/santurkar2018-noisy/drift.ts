/** @file How far the moments of single units move from one step to the next (santurkar2018, Figures 2 and 8). */

import { median } from '../../math/statistics.ts';
import { heldProbe } from '../../probes/index.ts';
import type { HeldProbe } from '../../records/cell.ts';
import type { Records } from '../../records/records.ts';
import type { Budget } from '../study.ts';
import { layersFor, type VggProtocol, vggProtocols } from '../vgg-training.ts';

/** Of trainings whose units are watched at every step: studies that ask for the same ones share their cells. */
export interface WatchedProtocol extends VggProtocol {
  readonly learningRate: number;
  /** Hidden layers whose units are watched. */
  readonly layers: readonly number[];
  readonly units: number;
}

export function watchedProtocol(budget: Budget): WatchedProtocol {
  return {
    ...vggProtocols[budget],
    learningRate: 0.1,
    layers: layersFor(budget, { vgg11: [2, 5, 7], vgg16: [2, 9, 13] }),
    units: 4,
  };
}

export function watchUnits({ layers, units }: WatchedProtocol): HeldProbe {
  return heldProbe('unit-moments', { every: 1, layers, units });
}

/** Medians over units and steps; not a number where there are none. */
export interface Drift {
  /** |mean(t + 1) − mean(t)|. */
  readonly mean: number;
  /** |variance(t + 1) − variance(t)|. */
  readonly variance: number;
  /** |mean(t + 1) − mean(t)| / √variance(t): in the unit's own standard deviations. */
  readonly relativeMean: number;
}

/** From the records of the probe `unit-moments`, made at every step. */
export function driftOf(records: Records): Drift {
  const units = new Map<string, { mean: number[]; variance: number[] }>();
  const collect = (quantity: 'unit-mean' | 'unit-variance', into: 'mean' | 'variance'): void => {
    for (const { layer, place, step, value } of records.of(quantity)) {
      const key = `${layer}/${place?.['unit']}`;
      const unit = units.get(key) ?? { mean: [], variance: [] };
      unit[into][step] = value;
      units.set(key, unit);
    }
  };
  collect('unit-mean', 'mean');
  collect('unit-variance', 'variance');
  const all = [...units.values()];
  return {
    mean: medianOf(all.flatMap(({ mean }) => differences(mean))),
    variance: medianOf(all.flatMap(({ variance }) => differences(variance))),
    relativeMean: medianOf(
      all.flatMap(({ mean, variance }) =>
        differences(mean).map((change, t) => change / Math.sqrt(variance[t] ?? Number.NaN)),
      ),
    ),
  };
}

/** |x(t + 1) − x(t)| for every t. */
function differences(values: readonly number[]): readonly number[] {
  return values.slice(1).map((value, t) => Math.abs(value - (values[t] ?? Number.NaN)));
}

/** A unit that is always zero has no standard deviation: what is not finite is left out. */
function medianOf(values: readonly number[]): number {
  const finite = values.filter(Number.isFinite);
  return finite.length === 0 ? Number.NaN : median(finite);
}
