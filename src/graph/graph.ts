/** @file What a graph is: values, the nodes that compute them, and inputs that each have a role. */

import type { Inputs, Outputs } from './op-arity.ts';
import type { OpAttributes, OpName } from './op-attributes.ts';
import type { FloatType, TensorType } from './tensor-type.ts';

/** One tensor of a graph. Values are compared by identity; names are for people and files, and unique in a graph. */
export interface Value extends TensorType {
  readonly name: string;
  /** The mark of a physical value, which is no value of a logical graph. */
  readonly isPhysical?: never;
}

export interface Node<K extends OpName = OpName> {
  readonly op: K;
  readonly inputs: Inputs<K, Value>;
  readonly outputs: Outputs<K, Value>;
  readonly attrs: OpAttributes[K];
}

/** How an initial value is drawn; the streams of random numbers are keyed by the input's name. */
export type Distribution =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly limit: number }
  | { readonly kind: 'normal'; readonly std: number };

/** Where an initial value comes from: drawn, or the numbers of a file, whatever the seed. */
export type Initialiser = Distribution | Interval | ChosenPlaces | GivenValues;

/** Uniform in [low, high). */
export interface Interval {
  readonly kind: 'interval';
  readonly low: number;
  readonly high: number;
}

/** 1 at `each` places of every index along `axis`, drawn for each of them, and 0 at all others. */
export interface ChosenPlaces {
  readonly kind: 'chosen';
  readonly axis: number;
  readonly each: number;
}

export interface GivenValues {
  readonly kind: 'given';
  /** Stands for the numbers where a graph is printed, and so in hashes. */
  readonly digest: string;
  readonly values: () => ArrayLike<number>;
}

/**
 * Why an input exists, which says who feeds it: parameters and state live beside the session and are written by the
 * step's updates; scratch is what a step keeps for graphs that run after it, and what probes write for their own; data come
 * from the batch, scalars from the training loop, and random numbers are drawn where the program runs. What is stored has
 * an owner, who declared it. A sweep is a scalar that takes `count` values in one run: it is fed all of them, and each
 * output has as many values.
 */
export type Role =
  | { readonly kind: 'parameter'; readonly initial: Initialiser; readonly owner: 'layer' | 'norm' }
  | { readonly kind: 'state'; readonly initial: Initialiser; readonly owner: 'norm' | 'optimiser' }
  | { readonly kind: 'scratch' }
  | { readonly kind: 'data' }
  | { readonly kind: 'scalar' }
  | { readonly kind: 'sweep'; readonly count: number }
  | RandomRole;

/**
 * Numbers that are drawn anew at each step: centre + width · z, with z uniform in [0, 1) or standard normal for each value,
 * and a centre for each place along the last axis, uniform in [low, high). Default: width 1, centres 0.
 */
export interface RandomRole {
  readonly kind: 'random';
  readonly distribution: 'uniform' | 'normal';
  readonly width?: number;
  readonly centres?: { readonly low: number; readonly high: number };
  /** Keys the draws. */
  readonly stream: string;
}

/** Whether the values of a role live beside the session between runs, rather than being fed to each. */
export function isStored(role: Role): boolean {
  return role.kind === 'parameter' || role.kind === 'state' || role.kind === 'scratch';
}

export interface GraphInput {
  readonly value: Value;
  readonly role: Role;
}

/** The parameters among the inputs of a graph, or of one under construction, in the order in which they were declared. */
export function parametersOf({ inputs }: { readonly inputs: readonly GraphInput[] }): readonly Value[] {
  return inputs.flatMap(({ value, role }) => (role.kind === 'parameter' ? [value] : []));
}

/** A tensor known when the graph is built. */
export interface Constant {
  readonly value: Value;
  readonly data: readonly number[];
}

/** After a run, the state input `state` holds `next`. */
export interface Update {
  readonly state: Value;
  readonly next: Value;
}

export interface Graph {
  readonly name: string;
  readonly float: FloatType;
  readonly inputs: readonly GraphInput[];
  readonly constants: readonly Constant[];
  /** In an order in which each node follows those it reads from. */
  readonly nodes: readonly Node[];
  readonly outputs: readonly { readonly name: string; readonly value: Value }[];
  readonly updates: readonly Update[];
}

/** The part of the op table that building and checking a graph needs. */
export interface ShapeRule<K extends OpName> {
  /** Output types from input types. @throws {ShapeError} where they do not fit. */
  readonly infer: (inputs: Inputs<K, TensorType>, attrs: OpAttributes[K]) => Outputs<K, TensorType>;
}

export type ShapeRules = { readonly [K in OpName]: ShapeRule<K> };
