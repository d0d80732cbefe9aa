/**
 * @file The graph after lowering: ONNX nodes by domain and name, every value with its memory layout settled.
 * `lowering` makes it, `onnx` writes it, `runtime` runs it.
 */

import { counted } from '../counted.ts';
import { need } from '../errors.ts';
import type { BlockSize, Perm } from './stored-layout.ts';
import { type DType, elementCount, formatNumbers, type Shape, type TensorType } from './tensor-type.ts';

/**
 * A number is an ONNX int, an array is ints; floats are wrapped to tell 1 from 1.0. A graph is the body of a loop: it
 * may read the values around it.
 */
export type PhysicalAttribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly graph: PhysicalGraph };

/** '' is ONNX's own domain; the others are ONNX Runtime's. */
export type Domain = '' | 'com.microsoft' | 'com.microsoft.nchwc';

/** One tensor of a physical graph, in the shape in which it is stored; compared by identity, its name unique. */
export interface PhysicalValue extends TensorType {
  readonly name: string;
  /** Without this mark the compiler would take it for a value of the logical graph: both are a name and a type. */
  readonly isPhysical: true;
}

export function physicalValue(name: string, { dtype, shape }: TensorType): PhysicalValue {
  return { name, dtype, shape, isPhysical: true };
}

export interface PhysicalNode {
  readonly domain: Domain;
  readonly op: string;
  readonly inputs: readonly PhysicalValue[];
  readonly outputs: readonly PhysicalValue[];
  readonly attrs: Readonly<Record<string, PhysicalAttribute>>;
  /** The logical value for whose sake it is there, by name: leads a profile back to layers. */
  readonly origin?: string | undefined;
}

/** A logical tensor as the session sees it: the input or output that holds it. */
export interface Port {
  /** The logical name: of the input, the output, or the state that is updated. */
  readonly name: string;
  readonly value: PhysicalValue;
  /** How its axes lie; undefined where they lie as they are. */
  readonly perm: Perm | undefined;
  /** Where it lies, if `value` holds several one after the other; default the whole of it. */
  readonly part?: { readonly offset: number; readonly shape: Shape };
}

export interface Initialiser {
  readonly value: PhysicalValue;
  readonly data: readonly number[];
}

export interface PhysicalGraph {
  readonly name: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** What the state inputs of the same names hold afterwards, in the layout of those inputs. */
  readonly updates: readonly Port[];
  readonly initialisers: readonly Initialiser[];
  readonly nodes: readonly PhysicalNode[];
}

/** Collects the nodes and constants of a physical graph. Shapes are given by the caller, who knows them. */
export class PhysicalBuilder {
  /** What split axes of its values are cut into. */
  readonly block: BlockSize;
  readonly nodes: PhysicalNode[] = [];
  /** Noted on all nodes emitted from now on. */
  origin: string | undefined;
  readonly #producers = new Map<PhysicalValue, PhysicalNode>();
  readonly #constants = new Map<string, Initialiser>();
  readonly #shared = new Map<PhysicalValue, Map<string, PhysicalValue>>();
  #count = 0;

  constructor(block: BlockSize = 1) {
    this.block = block;
  }

  get initialisers(): readonly Initialiser[] {
    return [...this.#constants.values()];
  }

  value(type: TensorType, hint: string): PhysicalValue {
    return physicalValue(`${hint}#${this.#count++}`, type);
  }

  /** Appends a node with one output; its dtype is that of the first input unless given. */
  emit(
    op: string,
    inputs: readonly PhysicalValue[],
    attrs: PhysicalNode['attrs'],
    shape: Shape,
    options: { readonly domain?: Domain; readonly dtype?: DType } = {},
  ): PhysicalValue {
    const dtype = options.dtype ?? need(inputs[0], `an input whose type ${op} takes`).dtype;
    const output = this.value({ dtype, shape }, op);
    this.#add({ domain: options.domain ?? '', op, inputs, outputs: [output], attrs, origin: this.origin });
    return output;
  }

  /** Appends a node with several outputs. */
  emitAll(
    op: string,
    inputs: readonly PhysicalValue[],
    attrs: PhysicalNode['attrs'],
    types: readonly TensorType[],
    domain: Domain = '',
  ): readonly PhysicalValue[] {
    const outputs = types.map((type) => this.value(type, op));
    this.#add({ domain, op, inputs, outputs, attrs, origin: this.origin });
    return outputs;
  }

  /** The node that made a value; undefined for inputs and constants. */
  producer(value: PhysicalValue): PhysicalNode | undefined {
    return this.#producers.get(value);
  }

  /** What `make` computes from `owner`, computed once; the key must tell everything else that it depends on. */
  shared(owner: PhysicalValue, key: string, make: () => PhysicalValue): PhysicalValue {
    const made = this.#shared.get(owner) ?? new Map<string, PhysicalValue>();
    this.#shared.set(owner, made);
    const value = made.get(key) ?? make();
    made.set(key, value);
    return value;
  }

  #add(node: PhysicalNode): void {
    this.nodes.push(node);
    for (const output of node.outputs) this.#producers.set(output, node);
  }

  /** A constant; the key is the whole content, so that distinct tensors can never be taken for one. */
  constant(data: readonly number[], shape: Shape, dtype: DType): PhysicalValue {
    if (data.length !== elementCount(shape)) {
      throw new RangeError(
        `Constant data must fill its shape, got ${counted(data.length, 'number')} for [${shape.join(',')}]`,
      );
    }
    const key = `${dtype}|${shape.join(',')}|${formatNumbers(data)}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known.value;
    const value = this.value({ dtype, shape }, 'constant');
    this.#constants.set(key, { value, data });
    return value;
  }

  /** A list of integers as ONNX takes shapes, axes and the like. */
  ints(data: readonly number[]): PhysicalValue {
    return this.constant(data, [data.length], 'int64');
  }
}
