/** @file Two cells' records beside each other: where they first part, how far, and what only one of them has. */

import type { FinishedCell } from '../../records/cell.ts';
import { recordKey, type StepRecord, whereText, withProbe } from '../../records/record.ts';
import { tellingSettings } from '../run/probe-settings-text.ts';

/** A number that both cells hold, and not the same one. */
export interface Parting {
  readonly step: number;
  readonly quantity: string;
  /** Undefined for what is measured of the whole network. */
  readonly layer: string | undefined;
  /** "of conv1, at 0.5, depth 3"; empty for what is measured once of the whole network. */
  readonly where: string;
  readonly a: number;
  readonly b: number;
  readonly relative: number;
}

/** "activation-mean of conv1". */
export function placeOf({ quantity, where }: Pick<Parting, 'quantity' | 'where'>): string {
  return `${quantity} ${where}`.trimEnd();
}

/** The largest relative difference of a step, and what it is of. */
export type StepDifference = Parting;

/** Records that one cell has and the other has not, of one quantity. */
export interface Surplus {
  readonly quantity: string;
  readonly count: number;
  readonly firstStep: number;
  readonly lastStep: number;
}

export interface RecordsCompared {
  /** How many numbers both have. */
  readonly both: number;
  readonly onlyA: readonly Surplus[];
  readonly onlyB: readonly Surplus[];
  /** Quantities that the two define in other words. */
  readonly redefined: readonly string[];
  /** The first number that differs in any bit; undefined where none does. */
  readonly first: Parting | undefined;
  /** The first such number of a single layer: the loss of a step, which stands before what probes record, tells of none. */
  readonly firstLayer: Parting | undefined;
  /** The first that differs by more than the tolerance. */
  readonly beyond: Parting | undefined;
  /** One for each step at which anything differs, in order. */
  readonly growth: readonly StepDifference[];
}

/**
 * Matches records by step, quantity, layer, place and probe. Of those of a step, the first is the first that A wrote,
 * which follows the layers of the network.
 * @param tolerance - |a − b| / max(|a|, |b|) that is still the same to `beyond`
 */
export function compareRecords(a: FinishedCell, b: FinishedCell, tolerance: number): RecordsCompared {
  const [ofA, ofB] = [keyed(a), keyed(b)];
  const differing: Parting[] = [];
  const redefined = new Set<string>();
  let both = 0;
  for (const [key, record] of ofA) {
    const other = ofB.get(key);
    if (other === undefined) continue;
    both += 1;
    if (record.definition !== other.definition) redefined.add(record.quantity);
    if (!Object.is(record.value, other.value)) differing.push(partingOf(record, other));
  }
  differing.sort((one, two) => one.step - two.step);
  const largest = new Map<number, Parting>();
  for (const parting of differing) {
    const known = largest.get(parting.step);
    if (known === undefined || parting.relative > known.relative) largest.set(parting.step, parting);
  }
  return {
    both,
    onlyA: surplus(ofA, ofB),
    onlyB: surplus(ofB, ofA),
    redefined: [...redefined],
    first: differing[0],
    firstLayer: differing.find(({ layer }) => layer !== undefined),
    beyond: differing.find(({ relative }) => relative > tolerance),
    growth: [...largest.values()],
  };
}

/** |a − b| / max(|a|, |b|): 0 where they are equal, infinite where one of them is no finite number. */
export function relativeDifference(a: number, b: number): number {
  if (a === b || Object.is(a, b)) return 0;
  const difference = Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b));
  return Number.isFinite(difference) ? difference : Number.POSITIVE_INFINITY;
}

/** All records by what tells them apart, whatever the order of the probes in the cell. */
function keyed(cell: FinishedCell): ReadonlyMap<string, StepRecord> {
  const told = tellingSettings(cell.probes);
  const labels = cell.probes.map(({ name }, i) => (told[i] === undefined ? name : `${name} ${told[i]}`));
  return new Map(
    cell.allRecords().map((measured) => {
      const label = measured.probe === undefined ? '' : (labels[measured.probe] ?? '');
      const record = withProbe(measured, undefined);
      return [`${recordKey(record)}|${label}`, record];
    }),
  );
}

function partingOf(record: StepRecord, other: StepRecord): Parting {
  const { step, quantity, layer, value: a } = record;
  const b = other.value;
  return { step, quantity, layer, where: whereText(record), a, b, relative: relativeDifference(a, b) };
}

function surplus(of: ReadonlyMap<string, StepRecord>, other: ReadonlyMap<string, StepRecord>): readonly Surplus[] {
  const found = new Map<string, { count: number; firstStep: number; lastStep: number }>();
  for (const [key, { quantity, step }] of of) {
    if (other.has(key)) continue;
    const known = found.get(quantity) ?? { count: 0, firstStep: step, lastStep: step };
    known.count += 1;
    known.firstStep = Math.min(known.firstStep, step);
    known.lastStep = Math.max(known.lastStep, step);
    found.set(quantity, known);
  }
  return [...found].map(([quantity, about]) => ({ quantity, ...about }));
}
