/** @file An op that is not emitted yet, because what follows it in the graph may become part of it. */

import type { PhysicalValue } from '../../graph/physical.ts';
import type { Laid } from './layout.ts';

/** What a convolution of ORT's can do to its result on the way out: + bias per channel, + sum, then max(·, 0). */
export interface Tail {
  /** [C]. */
  readonly bias?: PhysicalValue;
  /** Of the shape and layout of the raw result. */
  readonly sum?: PhysicalValue;
  readonly relu?: boolean;
}

/** How the backward pass has a sum: as the forward pass made it, or made again. */
export interface SumAgain {
  /** How many sums in a row are made again before it, itself included; 0 if it is kept. */
  readonly depth: number;
  readonly read: () => PhysicalValue;
}

/** Along a chain of residual sums one in so many is kept, from which the others are made. */
const KEPT_SUMS = 4;

export interface PendingOp {
  /** Whether a bias can still be added: where there is none yet. */
  readonly takesBias: boolean;
  /** Whether making it a second time costs less than the memory that keeping it would hold. */
  readonly isCheap: boolean;
  /** Names the shape and layout of the raw result: two such results can be added as they are. */
  readonly space: string;
  readonly emit: (tail: Tail) => PhysicalValue;
  /** The raw result as a value of the graph. */
  readonly finish: (raw: PhysicalValue) => Laid;
}

/** Immutable; each step of fusion gives a new one, and emits nothing. */
export class Pending {
  readonly #op: PendingOp;
  readonly #tail: Tail;
  readonly #sumAgain: SumAgain | undefined;
  #raw: PhysicalValue | undefined;
  #laid: Laid | undefined;

  constructor(op: PendingOp, tail: Tail = {}, sumAgain?: SumAgain) {
    this.#op = op;
    this.#tail = tail;
    this.#sumAgain = sumAgain;
  }

  get isCheap(): boolean {
    return this.#op.isCheap;
  }

  get space(): string {
    return this.#op.space;
  }

  /**
   * Whether the backward pass makes it again from what is kept anyway, instead of keeping it too: how many are made again
   * in a row, or 0.
   */
  get remadeDepth(): number {
    const depth = 1 + (this.#sumAgain?.depth ?? 0);
    return this.#op.isCheap && this.#tail.relu === true && depth < KEPT_SUMS ? depth : 0;
  }

  /** The same op, to be emitted again. */
  again(): Pending {
    return new Pending(this.#op, { ...this.#tail, ...(this.#sumAgain && { sum: this.#sumAgain.read() }) });
  }

  /** The activation comes last, and a sum after the bias; each at most once. */
  takes(part: keyof Tail): boolean {
    const { bias, sum, relu } = this.#tail;
    if (relu === true) return false;
    if (part === 'bias') return this.#op.takesBias && bias === undefined && sum === undefined;
    return part === 'relu' || sum === undefined;
  }

  /** @param sumAgain - how the backward pass has a sum of the tail; default the same */
  with(tail: Tail, sumAgain: SumAgain | undefined = this.#sumAgain): Pending {
    return new Pending(this.#op, { ...this.#tail, ...tail }, sumAgain);
  }

  /** Emits the op, once. */
  raw(): PhysicalValue {
    this.#raw ??= this.#op.emit(this.#tail);
    return this.#raw;
  }

  /** The op's result as a value of the graph, made once. */
  laid(): Laid {
    this.#laid ??= this.#op.finish(this.raw());
    return this.#laid;
  }
}
