/** @file Attributes of a node of a file, each read as what ONNX says that it is. */

import { DataError } from '../errors.ts';
import type { OnnxAttribute, OnnxNode } from '../onnx/model.ts';

export class Attributes {
  readonly #node: OnnxNode;

  constructor(node: OnnxNode) {
    this.#node = node;
  }

  has(name: string): boolean {
    return this.#node.attributes.has(name);
  }

  int(name: string, fallback: number): number {
    return this.#read(name, 'int') ?? fallback;
  }

  float(name: string, fallback: number): number {
    return this.#read(name, 'float') ?? fallback;
  }

  ints(name: string): readonly number[] | undefined {
    return this.#read(name, 'ints');
  }

  floats(name: string): readonly number[] | undefined {
    return this.#read(name, 'floats');
  }

  string(name: string, fallback: string): string {
    return this.#read(name, 'string') ?? fallback;
  }

  strings(name: string): readonly string[] | undefined {
    return this.#read(name, 'strings');
  }

  #read<K extends OnnxAttribute['kind']>(name: string, kind: K): ValueOf<K> | undefined {
    const attribute = this.#node.attributes.get(name);
    if (attribute === undefined) return undefined;
    if (attribute.kind === kind && 'value' in attribute) return attribute.value as ValueOf<K>;
    throw new DataError(`Attribute '${name}' of a ${this.#node.op} must be of kind ${kind}, got ${attribute.kind}`);
  }
}

type ValueOf<K extends OnnxAttribute['kind']> =
  Extract<OnnxAttribute, { readonly kind: K; readonly value: unknown }> extends infer A extends {
    readonly value: unknown;
  }
    ? A['value']
    : never;
