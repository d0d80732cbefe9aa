/** @file An op that is not emitted yet, because what follows it in the graph may become part of it. */

import type { PhysicalValue } from '../../graph/physical.ts';
import type { Laid } from './layout.ts';

/** What one of ORT's convolutions does to its result on the way out: it adds bias, then sum, and takes max(·, 0). */
export interface Tail {
  /** One number per channel, [C]. */
  readonly bias?: PhysicalValue;
  /** It has the shape and layout of the raw result. */
  readonly sum?: PhysicalValue;
  readonly relu?: boolean;
}

/** How the backward pass comes by the sum of a tail: the forward pass keeps it, or it is made again. */
export interface SumAgain {
  /** How many sums in a row are made again up to this one, itself included; 0 if it is kept. */
  readonly depth: number;
  readonly read: () => PhysicalValue;
}

/** Along a chain of residual sums, one in so many is kept, and the others are made from it. */
const KEPT_SUMS = 4;

export interface PendingOp {
  /** Whether a bias can become part of the op; a batch norm has one already. */
  readonly takesBias: boolean;
  /** Whether making the result a second time costs less than the memory that keeping it would hold. */
  readonly isCheap: boolean;
  /** Names the shape and layout of the raw result: two such results can be added as they are. */
  readonly space: string;
  readonly emit: (tail: Tail) => PhysicalValue;
  /** The raw result as a value of the graph. */
  readonly finish: (raw: PhysicalValue) => Laid;
}

/** An op with the tail that it has taken on so far. A fusion emits nothing and gives a new one; none ever changes. */
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
   * How many results in a row, this one included, the backward pass makes again from what is kept anyway. It is 0 where
   * the backward pass reads this result as the forward pass made it, which then keeps it.
   */
  get remadeDepth(): number {
    const depth = 1 + (this.#sumAgain?.depth ?? 0);
    return this.#op.isCheap && this.#tail.relu === true && depth < KEPT_SUMS ? depth : 0;
  }

  /** The same op with the same tail, whose sum the backward pass reads in its own way: it is emitted a second time. */
  again(): Pending {
    return new Pending(this.#op, { ...this.#tail, ...(this.#sumAgain && { sum: this.#sumAgain.read() }) });
  }

  /** Whether the tail can take a part: each at most once, a bias only before a sum, nothing after the activation. */
  takes(part: keyof Tail): boolean {
    const { bias, sum, relu } = this.#tail;
    if (relu === true) return false;
    if (part === 'bias') return this.#op.takesBias && bias === undefined && sum === undefined;
    return part === 'relu' || sum === undefined;
  }

  /** @param sumAgain - how the backward pass comes by the sum of the tail; default as before */
  with(tail: Tail, sumAgain: SumAgain | undefined = this.#sumAgain): Pending {
    return new Pending(this.#op, { ...this.#tail, ...tail }, sumAgain);
  }

  /** The op's result as it comes out of the op, which is emitted on the first call. */
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
