/** @file The record: one measured number with what is needed to know what it is. */

/** Which statistics the norms used while the number was measured. */
export type StatisticsMode = 'train' | 'eval' | 'frozen';

/** One number measured at one step of one cell. */
export interface StepRecord {
  /** Training steps taken before the measurement; 0 is the initial network. */
  readonly step: number;
  /** What was measured, in one word or two with hyphens: `loss`, `gradient-predictiveness`. */
  readonly quantity: string;
  /** The number: NaN and infinities are data too. */
  readonly value: number;
  /** The layer or parameter measured, where the quantity has one per layer. */
  readonly layer?: string;
  /** Where along an axis of the quantity's own it was measured: the step size over the learning rate, a quantile. */
  readonly at?: number;
  /** The definition used, as a full sentence: parameters, batch, formula, unit. */
  readonly definition: string;
  readonly mode: StatisticsMode;
}

/** A record with the cell that it comes from: a row of the derived tables. */
export interface CellRecord extends StepRecord {
  /** The cell's hash. */
  readonly cell: string;
  readonly arm: string;
  readonly seed: number;
}
