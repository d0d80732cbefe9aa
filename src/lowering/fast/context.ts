/** @file What the rules of the fast lowerings share: where each value lies, and what has been computed from it. */

import type { Graph, Node, Value } from '../../graph/graph.ts';
import type { OpName } from '../../graph/op-attributes.ts';
import type { PhysicalBuilder, PhysicalValue } from '../../graph/physical.ts';
import { identity, type Perm } from '../../graph/stored-layout.ts';
import { asLayout, type Laid } from './layout.ts';
import { Pending } from './pending.ts';

/** What a fast lowering is told besides the graph. */
export interface FastOptions {
  /** How convolutions with 3 × 3 taps and stride 1 are computed; the others are always direct. */
  readonly convolution: 'winograd4' | 'winograd2' | 'direct';
  /** Whether small stored tensors that are updated alike may lie in one: for graphs that write parameters and state. */
  readonly packsState: boolean;
}

/** Images that still have to be multiplied by a factor per channel [C]. */
export interface Factored {
  readonly images: Laid;
  readonly scale: PhysicalValue;
}

export class FastContext {
  readonly b: PhysicalBuilder;
  readonly options: FastOptions;
  readonly #settled: ReadonlyMap<Value, Perm>;
  readonly #producers = new Map<Value, Node>();
  readonly #uses = new Map<Value, number>();
  readonly #laid = new Map<Value, Laid>();
  readonly #pending = new Map<Value, Pending>();
  readonly #again = new Map<Value, Laid>();
  readonly #factored = new Map<Value, Factored>();

  constructor(b: PhysicalBuilder, options: FastOptions, graph: Graph, settled: ReadonlyMap<Value, Perm>) {
    this.b = b;
    this.options = options;
    this.#settled = settled;
    for (const node of graph.nodes) {
      for (const output of node.outputs) this.#producers.set(output, node);
      for (const input of new Set(node.inputs)) this.#uses.set(input, (this.#uses.get(input) ?? 0) + 1);
    }
  }

  /** The layout in which a value should lie where nothing speaks for another. */
  layoutOf(value: Value): Perm {
    return this.#settled.get(value) ?? identity(value.shape.length);
  }

  /** The node that made a value; undefined for inputs and constants. */
  producer(value: Value): Node<OpName> | undefined {
    return this.#producers.get(value);
  }

  /** How many nodes read a value. */
  usesOf(value: Value): number {
    return this.#uses.get(value) ?? 0;
  }

  define(value: Value, result: Laid | Pending): void {
    if (result instanceof Pending) this.#pending.set(value, result);
    else this.#laid.set(value, result);
  }

  /** The op that makes a value, where something can still become part of it. */
  pending(value: Value): Pending | undefined {
    return this.#pending.get(value);
  }

  /** Notes that a value, besides being defined as it is, can be read with a factor per channel still to be applied. */
  noteFactored(value: Value, factored: Factored): void {
    this.#factored.set(value, factored);
  }

  factored(value: Value): Factored | undefined {
    return this.#factored.get(value);
  }

  /** A value as it lies. */
  laid(value: Value): Laid {
    const laid = this.#laid.get(value) ?? this.#emitted(value);
    if (laid === undefined) throw new RangeError(`A value must be lowered before it is read, got '${value.name}'`);
    return laid;
  }

  /** As {@link read}, for the backward pass: some values are made again for it instead of being kept. */
  readAgain(value: Value, perm: Perm): PhysicalValue {
    const pending = this.#pending.get(value);
    if (pending === undefined || pending.remadeDepth === 0) return this.read(value, perm);
    const laid = this.#again.get(value) ?? pending.again().laid();
    this.#again.set(value, laid);
    return this.b.shared(laid.value, `${laid.perm.join()}→${perm.join()}`, () => asLayout(this.b, laid, perm));
  }

  /** Emits the pending op that makes a value, on the value's own account. */
  #emitted(value: Value): Laid | undefined {
    const { origin } = this.b;
    this.b.origin = value.name;
    const laid = this.#pending.get(value)?.laid();
    this.b.origin = origin;
    return laid;
  }

  /** A value in a given layout (its logical one unless given), converted at most once. */
  read(value: Value, perm: Perm = identity(value.shape.length)): PhysicalValue {
    const laid = this.laid(value);
    return this.b.shared(laid.value, `${laid.perm.join()}→${perm.join()}`, () => asLayout(this.b, laid, perm));
  }
}

/** How one op is lowered: the laid outputs of a node. */
export type Rule<K extends OpName> = (context: FastContext, node: Node<K>) => readonly (Laid | Pending)[];
