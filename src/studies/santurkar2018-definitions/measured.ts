/** @file One training as the definitions ask it: any number by quantity, step, step size and layer, and how it went. */

import type { RayBatch, Statistics } from '../../probes/ray.ts';
import { rayName } from '../../probes/ray.ts';
import type { Records } from '../../records/records.ts';
import { type CellSeries, cellSeries } from '../santurkar2018-landscape/series.ts';
import { curveOf, stepAtShare } from '../training-curves.ts';
import { type Arm, rule } from './protocol.ts';

/** What counts as the largest finite one of its kind where it is not finite, as in the landscape study. */
const growing = /-(gradient-change|relative-change|beta|lipschitz|change)$/;

interface Where {
  /** Step size, in multiples of SGD's rate. */
  readonly at?: number;
  readonly layer?: string;
}

export interface MeasuredSettings {
  readonly arm: Arm;
  /** How often a step size is longer in units of the run's own rate than in those of SGD's. */
  readonly scale: number;
  /** Step sizes in units of SGD's rate: those of the paper, and those of a denser grid. */
  readonly multiples: readonly number[];
  readonly denseMultiples: readonly number[];
  /** The run's own learning rate. */
  readonly rate: number;
}

export class Measured {
  readonly settings: MeasuredSettings;
  readonly records: Records;
  /** Where probes stand, and how the training went: what windows are made of. */
  readonly series: CellSeries;
  /** The layers whose shift was measured, in the order of the network. */
  readonly layers: readonly string[];
  readonly #values = new Map<string, number>();
  readonly #largest = new Map<string, number>();

  constructor(records: Records, settings: MeasuredSettings) {
    this.settings = settings;
    this.records = records;
    // The window is that of the landscape study, which knows the step's own rays alone.
    this.series = cellSeries(records);
    this.layers = [...new Set(records.of('covariate-shift').flatMap(({ layer }) => layer ?? []))];
    for (const { step, quantity, layer, at, value } of records.all) {
      this.#values.set(key(step, quantity, layer, at), value);
      if (Number.isFinite(value)) {
        this.#largest.set(quantity, Math.max(this.#largest.get(quantity) ?? 0, Math.abs(value)));
      }
    }
  }

  /** s of a multiple of SGD's rate. */
  stepSize(multiple: number): number {
    return multiple * this.settings.scale * this.settings.rate;
  }

  /** The step by which it has all but converged. */
  get convergedAt(): number {
    return stepAtShare(rule.shareOfFinal, curveOf(this.records));
  }

  /** NaN where it was not measured, or is not finite and nothing counts for it. */
  value(quantity: string, step: number, { at, layer }: Where = {}): number {
    const own = at === undefined || at === 0 ? at : at * this.settings.scale;
    const value = this.#values.get(key(step, quantity, layer, own));
    if (value === undefined) return Number.NaN;
    if (quantity.endsWith('ray-loss')) return value <= LOSS_CAP ? value : LOSS_CAP;
    if (Number.isFinite(value)) return value;
    return growing.test(quantity) ? (this.#largest.get(quantity) ?? Number.NaN) : Number.NaN;
  }

  /** At each of some step sizes. */
  over(quantity: string, step: number, multiples: readonly number[], layer?: string): readonly number[] {
    return multiples.map((at) => this.value(quantity, step, { at, ...(layer !== undefined && { layer }) }));
  }

  /** The paper's step sizes: from half the rate up. */
  get range(): readonly number[] {
    return this.settings.multiples.filter((multiple) => multiple >= rule.leastMultiple);
  }

  /** Seven step sizes from 1/2 to 5/2 of the rate, as a public copy has them. */
  get denseRange(): readonly number[] {
    return [rule.leastMultiple, ...this.settings.denseMultiples];
  }

  /** What a ray is called that is read so; by a network without norms all statistics are the same. */
  ray(statistics: Statistics, batch: RayBatch): string {
    return rayName(this.settings.arm === 'batch' ? statistics : 'batch', batch);
  }

  /** The prefix of a shift that is read so. */
  shift(statistics: 'batch' | 'running', batch: RayBatch): string {
    const isRunning = statistics === 'running' && this.settings.arm === 'batch';
    return `${batch === 'fresh' ? 'fresh-' : ''}${isRunning ? 'running-' : ''}`;
  }
}

const LOSS_CAP = 1e3;

function key(step: number, quantity: string, layer: string | undefined, at: number | undefined): string {
  return `${step}|${quantity}|${layer ?? ''}|${at ?? ''}`;
}
