/** @file Questions that are asked of records: numbers by quantity, layer and place, and how they run along an axis. */

import { only } from '../errors.ts';
import type { Place, StepRecord } from './record.ts';

/** What records must have: a quantity, and any of their other fields and coordinates with these values. */
export interface Asked {
  readonly layer?: string;
  readonly at?: number;
  readonly step?: number;
  readonly place?: Place;
}

/** Numbers over the axis that they were recorded along. */
export interface Series {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** The records of one cell, or of several, in their order. Found by quantity without a walk through all. */
export class Records {
  readonly all: readonly StepRecord[];
  #byQuantity: Map<string, StepRecord[]> | undefined;

  constructor(all: readonly StepRecord[]) {
    this.all = all;
  }

  /** All records of a quantity that have what is asked. */
  of(quantity: string, asked: Asked = {}): readonly StepRecord[] {
    this.#byQuantity ??= grouped(this.all);
    const found = this.#byQuantity.get(quantity) ?? [];
    return Object.keys(asked).length === 0 ? found : found.filter((record) => has(record, asked));
  }

  /** Their numbers. */
  values(quantity: string, asked: Asked = {}): readonly number[] {
    return this.of(quantity, asked).map(({ value }) => value);
  }

  /** The number of the only one. @throws {RangeError} where there is none, or more than one. */
  value(quantity: string, asked: Asked = {}): number {
    return only(this.of(quantity, asked), `record of '${quantity}' with ${JSON.stringify(asked)}`).value;
  }

  /** How they run over their step, or over where they were measured. */
  series(quantity: string, over: 'step' | 'at', asked: Asked = {}): Series {
    const found = this.of(quantity, asked);
    return { x: found.map((record) => record[over] ?? Number.NaN), y: found.map(({ value }) => value) };
  }
}

function has({ layer, at, step, place }: StepRecord, asked: Asked): boolean {
  return (
    (asked.layer === undefined || layer === asked.layer) &&
    (asked.at === undefined || at === asked.at) &&
    (asked.step === undefined || step === asked.step) &&
    (asked.place === undefined || Object.entries(asked.place).every(([key, value]) => place?.[key] === value))
  );
}

function grouped(records: readonly StepRecord[]): Map<string, StepRecord[]> {
  const groups = new Map<string, StepRecord[]>();
  for (const record of records) {
    const group = groups.get(record.quantity);
    if (group === undefined) groups.set(record.quantity, [record]);
    else group.push(record);
  }
  return groups;
}
