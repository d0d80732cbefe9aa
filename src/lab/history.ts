/** @file What an arm has said of its steps so far, as lines over steps. */

import type { LeanRecord, LeanStep } from './messages.ts';

/** Values over steps, ascending. */
export interface Line {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

interface GrowingLine {
  readonly x: number[];
  readonly y: number[];
}

/** Where a quantity was measured. */
export interface Place {
  readonly layer?: string;
  readonly at?: number;
  readonly image?: number;
}

export class History {
  readonly #lines = new Map<string, { readonly quantity: string; readonly place: Place; readonly line: GrowingLine }>();
  /** Grows with every change, so that who draws knows that there is something new. */
  version = 0;

  add({ step, loss, accuracy, learningRate, records }: LeanStep): void {
    this.#note({ step, quantity: 'loss', value: loss });
    this.#note({ step, quantity: 'accuracy', value: accuracy });
    this.#note({ step, quantity: 'learning-rate', value: learningRate });
    for (const record of records) this.#note(record);
    this.version += 1;
  }

  /** Forgets all from a step on. */
  cut(step: number): void {
    for (const { line } of this.#lines.values()) {
      const from = line.x.findIndex((at) => at >= step);
      if (from < 0) continue;
      line.x.length = from;
      line.y.length = from;
    }
    this.version += 1;
  }

  /** All of another up to a step: the past of an arm that was forked there. */
  begin(other: History, step: number): void {
    for (const [key, { quantity, place, line }] of other.#lines) {
      const count = line.x.filter((at) => at < step).length;
      this.#lines.set(key, { quantity, place, line: { x: line.x.slice(0, count), y: line.y.slice(0, count) } });
    }
    this.version += 1;
  }

  /** One quantity at one place, up to a step; nothing where it was not measured. */
  line(quantity: string, place: Place = {}, until: number = Infinity): Line {
    const found = this.#lines.get(keyOf({ quantity, ...place }))?.line ?? { x: [], y: [] };
    if ((found.x.at(-1) ?? -1) <= until) return found;
    const count = found.x.filter((at) => at <= until).length;
    return { x: found.x.slice(0, count), y: found.y.slice(0, count) };
  }

  /** Where a quantity was measured, in the order in which it was first. */
  places(quantity: string): readonly Place[] {
    return [...this.#lines.values()].filter((one) => one.quantity === quantity).map(({ place }) => place);
  }

  /** The latest value up to a step. */
  latest(quantity: string, place: Place = {}, until: number = Infinity): number | undefined {
    return this.line(quantity, place, until).y.at(-1);
  }

  #note(record: LeanRecord): void {
    const key = keyOf(record);
    const { step, quantity, value, ...place } = record;
    const known = this.#lines.get(key) ?? { quantity, place, line: { x: [], y: [] } };
    this.#lines.set(key, known);
    known.line.x.push(step);
    known.line.y.push(value);
  }
}

function keyOf({ quantity, layer = '', at = Number.NaN, image = -1 }: { readonly quantity: string } & Place): string {
  return `${quantity} ${layer} ${at} ${image}`;
}
