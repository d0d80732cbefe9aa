/** @file The record: one measured number with what is needed to know what it is. */

import { canonicalJson } from './canonical-json.ts';

/** Which statistics the norms used while the number was measured. */
export type StatisticsMode = 'train' | 'eval' | 'frozen';

/** What tells one number, or one cell, from others of the same kind, by the names of what varies: depth, seed, rate. */
export type Place = Readonly<Record<string, string | number>>;

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
  /** What else tells it from others of its step, quantity and layer, by name: `{ depth: 24, draw: 0 }`. */
  readonly place?: Place;
  /** Which of the probes of its cell has measured it, by its place in their list; none has measured what training gives. */
  readonly probe?: number;
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
  /** What tells the cell from others of its arm and seed, in the run that it is read for. */
  readonly setting: Place;
}

/** Rows, cell by cell, made as they are asked for: all of a long run at once would take gigabytes. */
export type RecordTable = Iterable<readonly CellRecord[]>;

/**
 * The record, as measured by another probe or by none. Made field by field: one of millions that is spread first, and given
 * fields after that, takes three times the memory.
 * @param known - the one string that is kept of equal ones
 */
export function withProbe(
  { step, quantity, value, layer, at, place, definition, mode }: StepRecord,
  probe: number | undefined,
  known: <Word extends string>(word: Word) => Word = (word) => word,
): StepRecord {
  return {
    step,
    quantity: known(quantity),
    value,
    ...(layer !== undefined && { layer: known(layer) }),
    ...(at !== undefined && { at }),
    ...(place !== undefined && { place }),
    ...(probe !== undefined && { probe }),
    definition,
    mode: known(mode),
  };
}

/** "depth 24, draw 0"; empty where there is nothing to tell. */
export function placeText(place: Place | undefined): string {
  return Object.entries(place ?? {})
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

/** "of conv1, at 0.5, depth 3"; empty for what is measured once of the whole network. */
export function whereText({ layer, at, place }: Pick<StepRecord, 'layer' | 'at' | 'place'>): string {
  return [layer === undefined ? '' : `of ${layer}`, at === undefined ? '' : `at ${at}`, placeText(place)]
    .filter((part) => part !== '')
    .join(', ');
}

/** All that tells a record from the others of its cell, as one text. */
export function recordKey({ step, quantity, layer, at, place, probe, mode }: StepRecord): string {
  const where = place === undefined ? '' : canonicalJson(place);
  return `${step}|${quantity}|${mode}|${layer ?? ''}|${at ?? ''}|${where}|${probe ?? ''}`;
}
