/** @file The steps of an arm that can be gone back to, within a budget of memory. */

import { need } from '../errors.ts';
import type { Snapshot } from '../train/snapshot.ts';

/** Of the snapshots of one arm; where they are more, every second one is dropped and from then on half as many are kept. */
const SNAPSHOT_BYTES = 48 * 2 ** 20;

/** At first every tenth step. */
const FIRST_STRIDE = 10;

export class Keeper {
  readonly #kept = new Map<number, Snapshot>();
  readonly #budget: number;
  #stride = FIRST_STRIDE;

  constructor(budget: number = SNAPSHOT_BYTES) {
    this.#budget = budget;
  }

  /** Steps kept, ascending. */
  get steps(): readonly number[] {
    return [...this.#kept.keys()].toSorted((a, b) => a - b);
  }

  get bytes(): number {
    return [...this.#kept.values()].reduce((sum, snapshot) => sum + bytesOf(snapshot), 0);
  }

  /** Whether a snapshot of this step would be kept. */
  wants(step: number): boolean {
    return step % this.#stride === 0 && !this.#kept.has(step);
  }

  keep(snapshot: Snapshot): void {
    this.#kept.set(snapshot.step, snapshot);
    while (this.bytes > this.#budget && this.#kept.size > 1) this.#thin();
  }

  /** The latest one of this step or before it. @throws {RangeError} where there is none: the start is always kept. */
  before(step: number): Snapshot {
    const latest = Math.max(...this.steps.filter((kept) => kept <= step));
    return need(this.#kept.get(latest), `a snapshot of step ${step} or before it`);
  }

  /** The first is never dropped. */
  #thin(): void {
    this.#stride *= 2;
    const first = Math.min(...this.#kept.keys());
    for (const step of this.steps) if (step !== first && step % this.#stride !== 0) this.#kept.delete(step);
  }
}

function bytesOf({ tensors }: Snapshot): number {
  return [...tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
}
