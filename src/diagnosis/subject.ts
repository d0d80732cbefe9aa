/** @file What is diagnosed: a network as a problem, with its numbers, and labelled examples of what it is for. */

import type { Examples } from '../data/examples.ts';
import type { Scaling } from '../data/scalings.ts';
import type { Problem } from '../problems/problem.ts';
import type { Tensors } from '../runtime/device.ts';
import { floatsOf, type TensorData } from '../runtime/tensor-data.ts';

export interface Subject {
  /** For people. */
  readonly name: string;
  readonly problem: Problem;
  /** The same network without its norms, which says what they are for. */
  readonly variant?: Problem | undefined;
  readonly data: Examples;
  /** What its input is made of pixels by. */
  readonly scaling: Scaling;
  /** From scaled examples to what the problem is fed; default `x` and `labels`, as a classifier. */
  readonly feeds?: ((x: Float32Array, labels: Int32Array) => Tensors) | undefined;
}

/** Parameters and running statistics by name. */
export type State = ReadonlyMap<string, TensorData>;

/** What a problem is fed of one batch. */
export function feedsOf({ problem, feeds }: Subject, x: Float32Array, labels: Int32Array): Tensors {
  return feeds?.(x, labels) ?? { x: floatsOf(problem.float, x), labels };
}
