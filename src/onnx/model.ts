/** @file What stands in an ONNX file, as it stands there: names, attributes and tensors, with nothing understood yet. */

/** Element types by ONNX's names, lower case, such as `float`, `float16`, `int64`; `undefined` for a tensor without one. */
export type OnnxType = string;

/** Numbers in the form that holds them exactly; float16 and bfloat16 widened to float32, text and complex ones left out. */
export type OnnxNumbers =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

export interface OnnxTensor {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly number[];
  /** Row by row. Views of the file's bytes where their place allows it: not to be written to. */
  readonly data: OnnxNumbers;
  /** The number that all of `data` is, where the file says only that: `data` then takes memory when it is first asked for. */
  readonly fill?: number;
}

/** A size is a number, a name that stands for one, or open. */
export type OnnxSize = number | string | undefined;

/** What goes in or comes out. */
export interface OnnxPort {
  readonly name: string;
  /** Undefined where it is no tensor, or the file does not say. */
  readonly type: OnnxType | undefined;
  /** Undefined where even the number of axes is open. */
  readonly shape: readonly OnnxSize[] | undefined;
}

export type OnnxAttribute =
  | { readonly kind: 'int' | 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'ints' | 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: OnnxTensor }
  | { readonly kind: 'graph'; readonly value: OnnxGraph }
  /** Types, lists of tensors and graphs, tensors without numbers (`OnnxGraph.unread`): present, and of no use here. */
  | { readonly kind: 'other' };

export interface OnnxNode {
  /** '' where the file gives none. */
  readonly name: string;
  readonly op: string;
  /** '' is ONNX's own, whatever name the file gives it. */
  readonly domain: string;
  /** '' for an optional one that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

export interface OnnxGraph {
  readonly name: string;
  /** What is fed: inputs that repeat an initialiser, as files up to IR 3 have them, are not among these. */
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  readonly initialisers: ReadonlyMap<string, OnnxTensor>;
  /** Initialisers that are there and have no numbers here: text, complex ones, floats and integers below 8 bits, sparse ones. */
  readonly unread: ReadonlyMap<string, OnnxPort>;
  readonly nodes: readonly OnnxNode[];
  /** Types that the file states for values between inputs and outputs, by name. */
  readonly stated: ReadonlyMap<string, OnnxPort>;
}

export interface OnnxModel {
  readonly irVersion: number;
  readonly producer: { readonly name: string; readonly version: string };
  /** By domain: '' is ONNX's own. */
  readonly opsets: ReadonlyMap<string, number>;
  /** Functions that the file brings along, of which nodes are calls: `domain::name`. Their bodies are not read. */
  readonly functions: ReadonlySet<string>;
  readonly graph: OnnxGraph;
}
