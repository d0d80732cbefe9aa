/** @file What a definition is, and the ways in which the loss is read along a step. */

import type { RayBatch, Statistics } from '../../probes/ray.ts';
import type { Measured } from './measured.ts';

export type Family = 'landscape' | 'predictiveness' | 'smoothness' | 'covariate shift';

/** Which alternatives a definition is of. */
export interface Kind {
  readonly statistics: Statistics;
  readonly batch: RayBatch;
  readonly scale: 'absolute' | 'relative';
  readonly of: 'parameters' | 'one layer' | 'activations';
}

export interface Definition extends Kind {
  readonly family: Family;
  readonly name: string;
  readonly value: (run: Measured, step: number) => number;
  /** Whether arms are compared by a difference: of what is a logarithm already, or can be 0 or less. */
  readonly isDifference?: boolean;
  /** The margin of the study that judges it, in that study's column. */
  readonly judged?: { readonly column: string; readonly margin: number };
  /** Who measures it so, beside the paper. */
  readonly publiclyBy?: string;
}

/** As the step reads its loss, in its parameters. */
export const usual: Kind = { statistics: 'batch', batch: 'same', scale: 'absolute', of: 'parameters' };

export interface Reading extends Pick<Kind, 'statistics' | 'batch'> {
  /** What its name ends in. */
  readonly words: string;
  readonly publiclyBy?: string;
}

export const plain: Reading = { statistics: 'batch', batch: 'same', words: '' };
export const fresh: Reading = { statistics: 'batch', batch: 'fresh', words: ', fresh batch' };
export const running: Reading = {
  statistics: 'running',
  batch: 'same',
  words: ', running statistics',
  publiclyBy: 'novastar53',
};
const frozen: Reading = { statistics: 'frozen', batch: 'same', words: ', frozen statistics' };
const recomputed: Reading = { statistics: 'recomputed', batch: 'same', words: ', recomputed statistics' };
export const readings: readonly Reading[] = [plain, fresh, running, frozen, recomputed];

/** From the least to the largest. */
export const spread = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);
export const logSpread = (values: readonly number[]): number => Math.log(Math.max(...values) / Math.min(...values));

/** One definition by each of several readings; what is judged is the step's own. */
export function read(
  among: readonly Reading[],
  definition: Omit<Definition, 'value' | keyof Kind> & Partial<Pick<Kind, 'scale'>>,
  value: (ray: string, run: Measured, step: number) => number,
): readonly Definition[] {
  const { judged, ...rest } = definition;
  return among.map(({ words, ...reading }) => ({
    ...usual,
    ...rest,
    ...reading,
    name: `${definition.name}${words}`,
    ...(reading.statistics === 'batch' && reading.batch === 'same' && judged !== undefined && { judged }),
    value: (run, step) => value(run.ray(reading.statistics, reading.batch), run, step),
  }));
}
