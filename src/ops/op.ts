/** @file What an operation is: a shape rule, a derivative built from operations, and a plain ONNX form. */

import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import type { OpAttributes, OpName } from '../graph/op-attributes.ts';
import type { PhysicalBuilder, PhysicalValue } from '../graph/physical.ts';
import type { TensorType } from '../graph/tensor-type.ts';

/** One use of an op, as its derivative sees it. */
export interface VjpContext<K extends OpName> {
  readonly g: GraphBuilder;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attrs: OpAttributes[K];
  /** ∂loss/∂output, per output; undefined where the loss does not depend on that output. */
  readonly cotangents: readonly (Value | undefined)[];
}

/** ∂loss/∂input, per input; undefined where it is zero. Built from ops of the table, so it can be differentiated again. */
export type Vjp<K extends OpName> = (context: VjpContext<K>) => readonly (Value | undefined)[];

/** One use of an op, as its plain ONNX form sees it: everything in its logical layout. */
export interface OnnxContext<K extends OpName> {
  readonly b: PhysicalBuilder;
  readonly inputs: readonly PhysicalValue[];
  readonly attrs: OpAttributes[K];
  readonly outputs: readonly TensorType[];
}

export interface OpDef<K extends OpName> {
  /** Output types from input types. @throws {ShapeError} where they do not fit. */
  readonly infer: (inputs: readonly TensorType[], attrs: OpAttributes[K]) => readonly TensorType[];
  /** The vector–Jacobian product; `none` and a reason where the op is piecewise constant. */
  readonly vjp: Vjp<K> | { readonly none: string };
  /** Readable ONNX, float32 and float64, that shares nothing with the fast lowerings. */
  readonly onnx: (context: OnnxContext<K>) => readonly PhysicalValue[];
}

/** The whole table: an op without its rules does not compile. */
export type OpTable = { readonly [K in OpName]: OpDef<K> };
