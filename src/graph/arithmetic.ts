/** @file Short forms for the ops that formulas are made of, so that a derivation reads like one. */

import type { GraphBuilder } from './builder.ts';
import type { Value } from './graph.ts';
import { type Shape, sameShape, type TensorType } from './tensor-type.ts';

/** A number, or a value of the graph. */
export type Operand = Value | number;

function operand(g: GraphBuilder, x: Operand): Value {
  return typeof x === 'number' ? g.constant(x) : x;
}

export function add(g: GraphBuilder, a: Operand, b: Operand): Value {
  return g.emit('Add', [operand(g, a), operand(g, b)]);
}

export function sub(g: GraphBuilder, a: Operand, b: Operand): Value {
  return g.emit('Sub', [operand(g, a), operand(g, b)]);
}

export function mul(g: GraphBuilder, a: Operand, b: Operand): Value {
  return g.emit('Mul', [operand(g, a), operand(g, b)]);
}

export function div(g: GraphBuilder, a: Operand, b: Operand): Value {
  return g.emit('Div', [operand(g, a), operand(g, b)]);
}

export function reduceSum(g: GraphBuilder, x: Value, axes: readonly number[], keepdims = false): Value {
  return axes.length === 0 ? x : g.emit('ReduceSum', [x], { axes, keepdims });
}

export function reduceMean(g: GraphBuilder, x: Value, axes: readonly number[], keepdims = false): Value {
  return axes.length === 0 ? x : g.emit('ReduceMean', [x], { axes, keepdims });
}

/** Σ over all elements of x · y: a scalar. */
export function dot(g: GraphBuilder, x: Value, y: Value): Value {
  return reduceSum(g, mul(g, x, y), axesOf(x));
}

export function reshape(g: GraphBuilder, x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : g.emit('Reshape', [x], { shape });
}

/** All axes of a value. */
export function axesOf(x: TensorType): readonly number[] {
  return x.shape.map((_, axis) => axis);
}

/** A per-channel vector [C] as [1, C, 1, …], so that it broadcasts along axis 1 of a value of the given rank. */
export function alongChannels(g: GraphBuilder, x: Value, rank: number): Value {
  return reshape(g, x, [1, ...x.shape, ...Array.from({ length: rank - 2 }, () => 1)]);
}

/** The axes that per-channel statistics pool over: all but axis 1. */
export function poolAxes(x: TensorType): readonly number[] {
  return axesOf(x).filter((axis) => axis !== 1);
}
