/** @file Builds graphs node by node, inferring and checking the type of every value as it is made. */

import { counted } from '../counted.ts';
import { ShapeError } from '../errors.ts';
import type { Constant, GivenValues, Graph, GraphInput, Node, Role, ShapeRule, ShapeRules, Value } from './graph.ts';
import { type Inputs, inputsOf, type Outputs, outputsOf } from './op-arity.ts';
import type { OpAttributes, OpName } from './op-attributes.ts';
import {
  type DType,
  elementCount,
  type FloatType,
  formatNumbers,
  formatType,
  type Shape,
  type TensorType,
} from './tensor-type.ts';

/** Ops without attributes may leave the argument out. */
type AttributesArgument<K extends OpName> =
  Record<never, never> extends OpAttributes[K] ? [attrs?: OpAttributes[K]] : [attrs: OpAttributes[K]];

/** What a network is built from in place of a parameter or state, such as the parameter moved a little way. */
export type StoredView = (g: GraphBuilder, stored: Value, role: Role) => Value;

export class GraphBuilder {
  readonly #rules: ShapeRules;
  readonly #view: StoredView | undefined;
  readonly #inputs = new Map<string, GraphInput>();
  readonly #constants = new Map<string, Constant>();
  readonly #nodes: Node[] = [];
  readonly #producers = new Map<Value, Node>();
  readonly #names = new Set<string>();
  readonly #counts = new Map<string, number>();
  #scope: readonly string[] = [];

  /** The element type of the network: what parameters, activations and losses are made of. */
  readonly float: FloatType;

  /**
   * @param rules - the op table; a graph knows no op's rule by itself.
   * @param view - what `input` returns for a parameter or state; default that itself. It is built outside all scopes.
   */
  constructor(rules: ShapeRules, float: FloatType = 'float32', view?: StoredView) {
    this.#rules = rules;
    this.float = float;
    this.#view = view;
  }

  /** Nodes made so far, in order. */
  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  get inputs(): readonly GraphInput[] {
    return [...this.#inputs.values()];
  }

  /** The node that made a value; undefined for inputs and constants. */
  producer(value: Value): Node | undefined {
    return this.#producers.get(value);
  }

  /** Names made while `build` runs are prefixed with `scope/`. */
  inScope<T>(scope: string, build: () => T): T {
    return this.#within([...this.#scope, scope], build);
  }

  #within<T>(scope: readonly string[], build: () => T): T {
    const outer = this.#scope;
    this.#scope = scope;
    try {
      return build();
    } finally {
      this.#scope = outer;
    }
  }

  /**
   * Declares an input. Its name is the scope and `name`, and must be new: it is the name in checkpoints and the key
   * of its random stream.
   * @throws {ShapeError} for a size that is not a positive integer, or a name already taken.
   */
  input(name: string, shape: Shape, role: Role, dtype: DType = this.float): Value {
    const full = [...this.#scope, name].join('/');
    const bad = shape.find((size) => !Number.isInteger(size) || size < 1);
    if (bad !== undefined) {
      throw new ShapeError(`Cannot declare input '${full}': sizes must be positive integers, got [${shape.join(',')}]`);
    }
    if (this.#names.has(full)) {
      throw new ShapeError(`Cannot declare input '${full}': the name is taken; give each layer a name of its own`);
    }
    this.#names.add(full);
    const value = { name: full, dtype, shape };
    this.#inputs.set(full, { value, role });
    const view = role.kind === 'parameter' || role.kind === 'state' ? this.#view : undefined;
    return view === undefined ? value : this.#within([], () => view(this, value, role));
  }

  /**
   * Parameters and state of these names start from the numbers given, in place of what was declared.
   * @throws {ShapeError} for a name that is not stored here
   */
  startFrom(values: ReadonlyMap<string, GivenValues>): void {
    for (const [name, initial] of values) {
      const declared = this.#inputs.get(name);
      const role = declared?.role;
      if (declared === undefined || (role?.kind !== 'parameter' && role?.kind !== 'state')) {
        throw new ShapeError(`Values must be those of a parameter or state, got '${name}', which is none`);
      }
      this.#inputs.set(name, { ...declared, role: { ...role, initial } });
    }
  }

  /** A tensor known now; equal constants are made once. @throws {ShapeError} where data and shape disagree. */
  constant(data: number | readonly number[], shape: Shape = [], dtype: DType = this.float): Value {
    const list = typeof data === 'number' ? [data] : data;
    if (list.length !== elementCount(shape)) {
      throw new ShapeError(
        `Constant data must fill its shape, got ${counted(list.length, 'number')} for [${shape.join(',')}]`,
      );
    }
    const key = `${dtype}|${shape.join(',')}|${formatNumbers(list)}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known.value;
    const value = { name: this.#freeName('constant'), dtype, shape };
    this.#constants.set(key, { value, data: list });
    return value;
  }

  /** Appends a node and returns all its outputs. @throws {ShapeError} naming the op, its place and the types given. */
  emitAll<K extends OpName>(op: K, inputs: Inputs<K, Value>, ...rest: AttributesArgument<K>): Outputs<K, Value> {
    const attrs = (rest[0] ?? {}) as OpAttributes[K];
    const place = this.#freeName([...this.#scope, op].join('/'));
    const rule: ShapeRule<K> = this.#rules[op];
    let types: Outputs<K, TensorType>;
    try {
      types = rule.infer(inputsOf(op, inputs), attrs);
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      const given = inputs.map((value) => `${value.name}: ${formatType(value)}`).join(', ');
      throw new ShapeError(`Cannot build ${place} (${given}): ${error.message}`, { cause: error });
    }
    const named = types.map((type, i) => ({ ...type, name: i === 0 ? place : `${place}.${i}` }));
    const outputs: Outputs<K, Value> = outputsOf(op, named);
    const node: Node<K> = { op, inputs, outputs, attrs };
    this.#nodes.push(node);
    for (const output of outputs) this.#producers.set(output, node);
    return outputs;
  }

  /** Appends a node and returns its first output. @throws {ShapeError} as {@link emitAll}. */
  emit<K extends OpName>(op: K, inputs: Inputs<K, Value>, ...rest: AttributesArgument<K>): Value {
    const outputs: Outputs<OpName, Value> = this.emitAll(op, inputs, ...rest);
    return outputs[0];
  }

  /** The graph that computes `outputs` and `updates`; nodes and inputs that neither needs are left out. */
  finish(name: string, outputs: Readonly<Record<string, Value>>, updates: Graph['updates'] = []): Graph {
    const needed = new Set<Value>([...Object.values(outputs), ...updates.flatMap((u) => [u.state, u.next])]);
    const nodes: Node[] = [];
    for (const node of this.#nodes.toReversed()) {
      if (!node.outputs.some((output) => needed.has(output))) continue;
      nodes.push(node);
      for (const input of node.inputs) needed.add(input);
    }
    return {
      name,
      float: this.float,
      inputs: this.inputs.filter((input) => needed.has(input.value)),
      constants: [...this.#constants.values()].filter((constant) => needed.has(constant.value)),
      nodes: nodes.reverse(),
      outputs: Object.entries(outputs).map(([key, value]) => ({ name: key, value })),
      updates,
    };
  }

  /** The base, or the first of base_1, base_2, … that neither a value nor an input bears. */
  #freeName(base: string): string {
    let count = this.#counts.get(base) ?? 0;
    let name = count === 0 ? base : `${base}_${count}`;
    while (this.#names.has(name)) name = `${base}_${++count}`;
    this.#counts.set(base, count + 1);
    this.#names.add(name);
    return name;
  }
}
