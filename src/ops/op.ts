/** @file What an operation is: a shape rule, a derivative built from operations, and a plain ONNX form. */

import type { GraphBuilder } from '../graph/builder.ts';
import type { ShapeRule, Value } from '../graph/graph.ts';
import type { Inputs, Outputs } from '../graph/op-arity.ts';
import type { OpAttributes, OpName } from '../graph/op-attributes.ts';
import type { PhysicalBuilder, PhysicalValue } from '../graph/physical.ts';
import type { TensorType } from '../graph/tensor-type.ts';

/** One use of an op, as its derivative sees it. */
export interface VjpContext<K extends OpName> {
  readonly g: GraphBuilder;
  readonly inputs: Inputs<K, Value>;
  readonly outputs: Outputs<K, Value>;
  readonly attrs: OpAttributes[K];
  readonly cotangents: Cotangents<K>;
}

/**
 * ∂loss/∂output, per output; of several, those on which the loss does not depend have none. An op is differentiated
 * only where an output has one, so that a single output always has.
 */
export type Cotangents<K extends OpName> =
  Outputs<K, Value> extends readonly [Value] ? readonly [Value] : Outputs<K, Value | undefined>;

/** ∂loss/∂input, per input; undefined where it is zero. Built from ops of the table, so it can be differentiated again. */
export type Vjp<K extends OpName> = (context: VjpContext<K>) => Inputs<K, Value | undefined>;

/** One use of an op, as its plain ONNX form sees it: everything in its logical layout. */
export interface OnnxContext<K extends OpName> {
  readonly b: PhysicalBuilder;
  readonly inputs: Inputs<K, PhysicalValue>;
  readonly attrs: OpAttributes[K];
  readonly outputs: Outputs<K, TensorType>;
}

export interface OpDef<K extends OpName> extends ShapeRule<K> {
  /** The vector–Jacobian product; `none` and a reason where the op is piecewise constant. */
  readonly vjp: Vjp<K> | { readonly none: string };
  /** Readable ONNX, float32 and float64, that shares nothing with the fast lowerings. */
  readonly onnx: (context: OnnxContext<K>) => Outputs<K, PhysicalValue>;
}

/** The whole table: an op without its rules does not compile. */
export type OpTable = { readonly [K in OpName]: OpDef<K> };
