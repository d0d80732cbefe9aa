/** @file One step of each recurrent op, in ONNX's order of gates, and the activations that they may have. */

import { add, mul, sub } from '../../graph/arithmetic.ts';
import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import { equalPieces } from '../pieces.ts';

export type Activation = (g: GraphBuilder, x: Value) => Value;

/** What a step leaves to the next, [N, hidden] each; undefined where it is zero, as before the first. */
export interface State {
  readonly hidden: Value | undefined;
  readonly cell: Value | undefined;
}

/** The parameters of one direction, and what its cell is made of. */
export interface Direction {
  readonly g: GraphBuilder;
  /** Rᵀ, [hidden, gates · hidden]. */
  readonly recurrence: Value;
  /** Rb, [gates · hidden]; undefined where it is none, or is in `input` already. */
  readonly bias: Value | undefined;
  /** Of LSTM, [hidden] each: for the input, the output and the forget gate. */
  readonly peepholes: readonly Value[] | undefined;
  readonly activations: readonly Activation[];
}

/** @param input - X Wᵀ + Wb of this step, [N, gates · hidden] */
type Step = (direction: Direction, input: Value, state: State) => State & { readonly hidden: Value };

export interface Cell {
  readonly gates: number;
  /** ONNX's defaults, one per function of the cell. */
  readonly activations: readonly string[];
  readonly step: Step;
}

function recurrent({ g, recurrence, bias }: Direction, hidden: Value | undefined): Value | undefined {
  const product = hidden && g.emit('MatMul', [hidden, recurrence]);
  return product !== undefined && bias !== undefined ? add(g, product, bias) : (product ?? bias);
}

function sum(g: GraphBuilder, ...terms: readonly (Value | undefined)[]): Value | undefined {
  return terms.reduce((total, term) =>
    total !== undefined && term !== undefined ? add(g, total, term) : (total ?? term),
  );
}

function product(g: GraphBuilder, x: Value | undefined, y: Value | undefined): Value | undefined {
  return x !== undefined && y !== undefined ? mul(g, x, y) : undefined;
}

/** Value i of a list of a known length. */
function at<T>(list: readonly T[], i: number): T {
  const item = list[i];
  if (item === undefined) throw new RangeError(`A list must have an item ${i}, got ${list.length}`);
  return item;
}

/** H = f(X Wᵀ + H R ᵀ + b). */
const rnnStep: Step = (direction, input, { hidden, cell }) => {
  const { g, activations } = direction;
  return { hidden: at(activations, 0)(g, sum(g, input, recurrent(direction, hidden)) ?? input), cell };
};

/** Gates i, o, f, c: C′ = f ⊙ C + i ⊙ c, H = o ⊙ h(C′); i, f and o see p ⊙ C, p ⊙ C and p ⊙ C′ through peepholes. */
const lstmStep: Step = (direction, input, { hidden, cell }) => {
  const { g, activations, peepholes } = direction;
  const [f, c, h] = [at(activations, 0), at(activations, 1), at(activations, 2)];
  const all = sum(g, input, recurrent(direction, hidden)) ?? input;
  const gates = equalPieces(g, all, 1, 4);
  const seen = (gate: number, peephole: number, of: Value | undefined): Value =>
    sum(g, at(gates, gate), product(g, peepholes?.[peephole], of)) ?? at(gates, gate);
  const fresh = mul(g, f(g, seen(0, 0, cell)), c(g, at(gates, 3)));
  const kept = cell && mul(g, f(g, seen(2, 2, cell)), cell);
  const next = sum(g, kept, fresh) ?? fresh;
  return { hidden: mul(g, f(g, seen(1, 1, next)), h(g, next)), cell: next };
};

/**
 * Gates z, r, h: H′ = (1 − z) ⊙ h + z ⊙ H. With `linear_before_reset` h = g(… + r ⊙ (H Rᵀ + Rb)), without h = g(… + (r ⊙ H) Rᵀ + Rb).
 */
function gruStep(isResetLast: boolean): Step {
  return (direction, input, { hidden, cell }) => {
    const { g, activations, recurrence } = direction;
    const [f, activation] = [at(activations, 0), at(activations, 1)];
    const of = equalPieces(g, input, 1, 3);
    const mixed = (z: Value, fresh: Value): State & { readonly hidden: Value } => ({
      hidden: add(g, mul(g, sub(g, 1, z), fresh), product(g, z, hidden) ?? 0),
      cell,
    });
    if (isResetLast) {
      const before = recurrent(direction, hidden);
      const parts = before && equalPieces(g, before, before.shape.length - 1, 3);
      const [z, r] = [0, 1].map((gate) => f(g, sum(g, at(of, gate), parts?.[gate]) ?? at(of, gate))) as [Value, Value];
      return mixed(z, activation(g, sum(g, at(of, 2), product(g, r, parts?.[2])) ?? at(of, 2)));
    }
    const [Rz, Rr, Rh] = equalPieces(g, recurrence, 1, 3) as [Value, Value, Value];
    const gate = (gateOf: Value, from: Value | undefined, matrix: Value): Value =>
      sum(g, gateOf, from && g.emit('MatMul', [from, matrix])) ?? gateOf;
    const z = f(g, gate(at(of, 0), hidden, Rz));
    const r = f(g, gate(at(of, 1), hidden, Rr));
    return mixed(z, activation(g, gate(at(of, 2), product(g, r, hidden), Rh)));
  };
}

export const rnn: Cell = { gates: 1, activations: ['Tanh'], step: rnnStep };
export const lstm: Cell = { gates: 4, activations: ['Sigmoid', 'Tanh', 'Tanh'], step: lstmStep };
export function gru(isResetLast: boolean): Cell {
  return { gates: 3, activations: ['Sigmoid', 'Tanh'], step: gruStep(isResetLast) };
}
