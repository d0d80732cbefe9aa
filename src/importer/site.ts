/** @file Where a rule builds: one node of a file, with its operands as values of a graph or as numbers known beforehand. */

import { UnsupportedOpError } from '../errors.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { GivenValues, Value } from '../graph/graph.ts';
import type { Shape } from '../graph/tensor-type.ts';
import type { Network } from '../nn/network.ts';
import type { OnnxNode } from '../onnx/model.ts';
import type { Attributes } from './attributes.ts';
import type { ChannelAffine, Fixed } from './fixed.ts';

export interface Site {
  readonly network: Network;
  readonly g: GraphBuilder;
  readonly node: OnnxNode;
  /** The name under which the node's parameters stand. */
  readonly layer: string;
  readonly attributes: Attributes;
  /** Of each output, at the batch size that is built for. */
  readonly shapes: readonly Shape[];
  /** What a batch norm here becomes: itself, nothing where it went into the layer before, or a scale and a shift to learn. */
  readonly normAs: 'norm' | 'nothing' | ChannelAffine;
  /** Operand i, if it is known beforehand. */
  fixed(i: number): Fixed | undefined;
  /** Operand i, if it is the same for each example of a batch of any size: that of one, with 1 in place of the batch. */
  row(i: number): Fixed | undefined;
  /** Operand i as a value: numbers that are known beforehand become constants. @throws {DataError} where it is left out. */
  value(i: number): Value;
  /** Whether operand i is there. */
  has(i: number): boolean;
  /** Whether operand i comes after a layer with weights: what stands before the first is preprocessing, and not learnt. */
  isLearnt(i: number): boolean;
  /** Numbers that what is stored under a name starts from, made once however often the network is built. */
  given(name: string, data: () => Float32Array): GivenValues;
  /** A parameter of this layer that starts from the numbers given. */
  parameter(role: string, shape: Shape, data: () => Float32Array): Value;
  /** Notes a normalisation: its place in the graph, and its vectors. */
  noteNorm(norm: PlacedNorm): void;
}

/** A batch norm of the file, or one put back, by the names that its vectors have in graphs. */
export interface PlacedNorm {
  readonly name: string;
  readonly channels: number;
  readonly epsilon: number;
  /** Weight of the new batch: 1 − ONNX's. */
  readonly momentum: number;
  readonly isPutBack: boolean;
}

/** What a node is to those who look at layers. */
export type Part = 'linear' | 'bias' | 'norm' | 'add' | 'activation' | 'other';

/** How one op of ONNX is built from those of normscope. */
export interface Rule {
  readonly part: Part;
  readonly build: (site: Site) => Value | readonly Value[];
}

export type Rules = Readonly<Record<string, Rule>>;

/** A node that is no part of a layer. */
export function other(build: Rule['build']): Rule {
  return { part: 'other', build };
}

/** An axis counted from the front, where ONNX also counts from the back. */
export function axisIn(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** A whole-number operand, such as axes. @throws {UnsupportedOpError} where it is computed from what is fed. */
export function wholeNumbers(site: Site, i: number, what: string): readonly number[] | undefined {
  if (!site.has(i)) return undefined;
  const fixed = site.fixed(i);
  if (fixed !== undefined) return Array.from(fixed.data, Number);
  throw refusal(site, `its ${what} must not depend on the data`);
}

export function refusal({ node }: Site, why: string): UnsupportedOpError {
  return new UnsupportedOpError(`Cannot train through ${node.op} '${node.name || node.outputs[0]}': ${why}`);
}
