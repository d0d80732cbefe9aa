/** @file Records of landscape cells that no network made: series whose right answer is known. */

import type { StepRecord } from '../src/records/record.ts';
import { Records } from '../src/records/records.ts';
import { type CellSeries, cellSeries } from '../src/studies/santurkar2018-landscape/series.ts';

/** What the probe measures at one step. */
export interface MadeUpProbe {
  /** W: the loss rises from 1 to exp(W) over s from eta/2 to 4 eta. */
  readonly logRange: number;
  /** D: the gradient changes most at 4 eta. */
  readonly change: number;
  /** The largest beta over s ≥ eta/2, which is at eta/2; half of it at eta. */
  readonly beta: number;
  /** The directional curvature, the same at every s. */
  readonly curvature: number;
}

export interface MadeUpCell {
  readonly steps: number;
  /** Steps between probes. */
  readonly every: number;
  readonly accuracy: (step: number) => number;
  readonly loss: (step: number) => number;
  readonly probe: (step: number) => MadeUpProbe;
  readonly divergedAt?: number;
}

export const dullProbe: MadeUpProbe = { logRange: 1, change: 1, beta: 1, curvature: 1 };

/** 401 steps with a probe every 10, learnt well from the start: probes 20, 30, … 400 make a window of 39. */
export const dullCell: MadeUpCell = {
  steps: 401,
  every: 10,
  accuracy: () => 0.9,
  loss: () => 0.5,
  probe: () => dullProbe,
};

const multiples = [0.01, 0.5, 1, 2, 4];

export function madeUpRecords({ steps, every, accuracy, loss, probe, divergedAt }: MadeUpCell): StepRecord[] {
  const record = (step: number, quantity: string, value: number, at?: number): StepRecord => ({
    step,
    quantity,
    value,
    ...(at !== undefined && { at }),
    definition: `made-up ${quantity}`,
    mode: 'train',
  });
  const records: StepRecord[] = [];
  for (let step = 0; step < steps; step++) {
    if (step % every === 0) {
      const measured = probe(step);
      records.push(record(step, 'ray-loss', 1, 0));
      for (const at of multiples) {
        for (const [quantity, value] of Object.entries(rayAt(measured, at))) {
          records.push(record(step, quantity, value, at));
        }
      }
    }
    records.push(record(step, 'loss', loss(step)), record(step, 'accuracy', accuracy(step)));
    if (step === divergedAt) return [...records, record(step, 'diverged', step)];
  }
  return records;
}

/** At eta/100 stands what would win every maximum, if it were let in; beta there is the curvature. */
function rayAt({ logRange, change, beta, curvature }: MadeUpProbe, at: number): Record<string, number> {
  const isControl = at < 0.5;
  return {
    'ray-loss': isControl ? 1e-9 : Math.exp((logRange * Math.log2(at / 0.5)) / 3),
    'ray-gradient-change': isControl ? 1e9 : (change * at) / 4,
    'ray-beta': isControl ? Math.max(curvature, 1e9) : (beta * 0.5) / at,
    'ray-curvature': curvature,
    'ray-relative-change': 0.5,
    'ray-cosine': 0.25,
    'ray-decrease-ratio': 0.75,
    'ray-lipschitz': 3 * at,
  };
}

export function madeUpSeries(changes: Partial<MadeUpCell> = {}): CellSeries {
  return cellSeries(new Records(madeUpRecords({ ...dullCell, ...changes })));
}

/** A cell whose probes all measure the same. */
export function steadySeries(probe: Partial<MadeUpProbe>, changes: Partial<MadeUpCell> = {}): CellSeries {
  return madeUpSeries({ probe: () => ({ ...dullProbe, ...probe }), ...changes });
}
