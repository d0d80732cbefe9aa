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
  /** Whether the sum is itself made again for the backward pass, and not kept. */
  readonly sumIsRemade?: boolean;
}

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
  #raw: PhysicalValue | undefined;

  constructor(op: PendingOp, tail: Tail = {}) {
    this.#op = op;
    this.#tail = tail;
  }

  get space(): string {
    return this.#op.space;
  }

  /**
   * Whether the backward pass makes it again from what is kept anyway, instead of keeping it too. A sum must be kept
   * then: along a chain of sums every second one is.
   */
  get isRemade(): boolean {
    const { relu = false, sumIsRemade = false } = this.#tail;
    return this.#op.isCheap && relu && !sumIsRemade;
  }

  /** The same op, to be emitted again. */
  again(): Pending {
    return new Pending(this.#op, this.#tail);
  }

  /** The activation comes last, and a sum after the bias; each at most once. */
  takes(part: keyof Tail): boolean {
    const { bias, sum, relu } = this.#tail;
    if (relu === true) return false;
    if (part === 'bias') return this.#op.takesBias && bias === undefined && sum === undefined;
    return part === 'relu' || sum === undefined;
  }

  with(tail: Tail): Pending {
    return new Pending(this.#op, { ...this.#tail, ...tail });
  }

  /** Emits the op, once. */
  raw(): PhysicalValue {
    this.#raw ??= this.#op.emit(this.#tail);
    return this.#raw;
  }

  laid(): Laid {
    return this.#op.finish(this.raw());
  }
}
