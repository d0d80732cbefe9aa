/**
 * @file RNN, LSTM and GRU, written out step by step: as many steps as the file's sequences are long. All that a gate sees of its input is
 * one matrix product for all steps; weights keep ONNX's form, [directions, gates · hidden, inputs], of which each direction is a slice.
 */

import { add, reshape } from '../../graph/arithmetic.ts';
import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import { sizeAt } from '../../graph/tensor-type.ts';
import { equalPieces } from '../pieces.ts';
import { other, refusal, type Rule, type Rules, type Site } from '../site.ts';
import { hardSigmoid } from './activations.ts';
import { type Activation, type Cell, type Direction, gru, lstm, rnn, type State } from './recurrent-cells.ts';

/** Places of operands, the same in all three ops. */
const [WEIGHT, RECURRENCE, BIAS, LENGTHS, HIDDEN, CELL, PEEPHOLES] = [1, 2, 3, 4, 5, 6, 7] as const;

const unary =
  (op: 'Sigmoid' | 'Tanh' | 'Relu' | 'Softplus'): Activation =>
  (g, x) =>
    g.emit(op, [x]);

/** By name, in lower case, as ONNX Runtime compares them. */
const activations: ReadonlyMap<string, Activation> = new Map([
  ['sigmoid', unary('Sigmoid')],
  ['tanh', unary('Tanh')],
  ['relu', unary('Relu')],
  ['softplus', unary('Softplus')],
]);

/** Those of all directions, in order; HardSigmoid alone of them has numbers, and takes the next of each list. */
function activationsOf(site: Site, cell: Cell, directions: number): readonly Activation[] {
  const { attributes } = site;
  const names = attributes.strings('activations') ?? Array(directions).fill(cell.activations).flat();
  if (names.length !== directions * cell.activations.length)
    throw refusal(site, `it must have ${directions * cell.activations.length} activations, got ${names.length}`);
  const [alphas, betas] = [
    [...(attributes.floats('activation_alpha') ?? [])],
    [...(attributes.floats('activation_beta') ?? [])],
  ];
  return names.map((name): Activation => {
    const known = activations.get(name.toLowerCase());
    if (known !== undefined) return known;
    if (name.toLowerCase() !== 'hardsigmoid')
      throw refusal(site, `its activations must be Sigmoid, Tanh, Relu, Softplus or HardSigmoid, got ${name}`);
    const [alpha, beta] = [alphas.shift() ?? 0.2, betas.shift() ?? 0.5];
    return (g, x) => hardSigmoid(g, x, alpha, beta);
  });
}

function parameterOf(site: Site, i: number, role: string): Value | undefined {
  if (!site.has(i)) return undefined;
  const fixed = site.fixed(i);
  if (fixed === undefined) throw refusal(site, `its ${role} must be known, and not computed from the data`);
  return site.parameter(role, fixed.shape, () => Float32Array.from(fixed.data));
}

function required(site: Site, i: number, role: string): Value {
  const value = parameterOf(site, i, role);
  if (value !== undefined) return value;
  throw refusal(site, `its ${role} must be there`);
}

/** Lengths of sequences may be stated, if each is as long as what it lies in. */
function requireWhole(site: Site, steps: number): void {
  if (!site.has(LENGTHS)) return;
  const lengths = site.fixed(LENGTHS) ?? site.row(LENGTHS);
  if (lengths === undefined || Array.from(lengths.data).some((length) => length !== steps))
    throw refusal(
      site,
      `its sequences must all have the ${steps} steps that they are fed with; export it without sequence_lens`,
    );
}

/** An initial state, [directions, N, hidden] or [N, directions, hidden], by direction; undefined where it is zero. */
function initialState(
  site: Site,
  i: number,
  { directions, isBatchFirst, batch }: Form,
): readonly (Value | undefined)[] {
  const none = Array.from({ length: directions }, () => undefined);
  if (!site.has(i)) return none;
  const fixed = site.fixed(i) ?? site.row(i);
  if (fixed !== undefined && Array.from(fixed.data).every((number) => number === 0)) return none;
  const { g } = site;
  const value = site.value(i);
  return equalPieces(g, value, isBatchFirst ? 1 : 0, directions).map((piece) => {
    const hidden = sizeAt(piece.shape, 2);
    const flat = reshape(g, piece, [sizeAt(piece.shape, isBatchFirst ? 0 : 1), hidden]);
    return sizeAt(flat.shape, 0) === batch ? flat : g.emit('Expand', [flat], { shape: [batch, hidden] });
  });
}

interface Form {
  readonly directions: number;
  readonly isBatchFirst: boolean;
  readonly batch: number;
}

function swapped(g: GraphBuilder, x: Value): Value {
  return g.emit('Transpose', [x], { perm: [1, 0, ...x.shape.slice(2).map((_, axis) => axis + 2)] });
}

/** [directions, rows, columns] as a matrix [columns, rows] per direction. */
function matrices(g: GraphBuilder, weights: Value, directions: number): readonly Value[] {
  return equalPieces(g, weights, 0, directions).map((piece) => {
    const matrix = reshape(g, piece, piece.shape.slice(1));
    return g.emit('Transpose', [matrix], { perm: [1, 0] });
  });
}

/** [directions, parts · length] as `parts` vectors per direction. */
function vectors(
  g: GraphBuilder,
  table: Value | undefined,
  directions: number,
  parts: number,
): readonly (readonly Value[])[] {
  if (table === undefined) return [];
  return equalPieces(g, table, 0, directions).map((row) =>
    equalPieces(g, reshape(g, row, row.shape.slice(1)), 0, parts),
  );
}

/** @param seesBiasLast - whether Rb is added to H Rᵀ before anything else is done to it, and cannot go with Wb */
function unrolled(site: Site, cell: Cell, seesBiasLast: boolean): readonly Value[] {
  const { g, attributes } = site;
  if (attributes.has('clip')) throw refusal(site, 'clip is not known; export it without');
  if (attributes.int('input_forget', 0) !== 0)
    throw refusal(site, 'gates that are coupled are not known; export it without input_forget');
  const isBatchFirst = attributes.int('layout', 0) !== 0;
  const x = isBatchFirst ? swapped(g, site.value(0)) : site.value(0);
  const [steps = 1, batch = 1, inputs = 1] = x.shape;
  requireWhole(site, steps);
  const order = attributes.string('direction', 'forward');
  const directions = order === 'bidirectional' ? 2 : 1;
  const form: Form = { directions, isBatchFirst, batch };
  const functions = activationsOf(site, cell, directions);
  const perDirection = cell.activations.length;
  const weights = matrices(g, required(site, WEIGHT, 'weight'), directions);
  const recurrences = matrices(g, required(site, RECURRENCE, 'recurrence'), directions);
  const biases = vectors(g, parameterOf(site, BIAS, 'bias'), directions, 2);
  const peepholes = vectors(g, parameterOf(site, PEEPHOLES, 'peepholes'), directions, 3);
  const [hiddens, cells] = [HIDDEN, CELL].map((i) => initialState(site, i, form)) as [States, States];
  const all = reshape(g, x, [steps * batch, inputs]);
  const made = weights.map((weight, d) => {
    const isReversed = order === 'reverse' || d === 1;
    const [Wb, Rb] = biases[d] ?? [];
    const shift = Wb !== undefined && Rb !== undefined && !seesBiasLast ? add(g, Wb, Rb) : Wb;
    const seen = g.emit('MatMul', [all, weight]);
    const gates = reshape(g, shift === undefined ? seen : add(g, seen, shift), [steps, batch, sizeAt(weight.shape, 1)]);
    const direction: Direction = {
      g,
      recurrence: recurrences[d] as Value,
      bias: seesBiasLast ? Rb : undefined,
      peepholes: peepholes[d],
      activations: functions.slice(d * perDirection, (d + 1) * perDirection),
    };
    const start: State = { hidden: hiddens[d], cell: cells[d] };
    return walked(cell, direction, equalPieces(g, gates, 0, steps), start, isReversed);
  });
  return outputs(g, made, isBatchFirst);
}

type States = readonly (Value | undefined)[];

interface Walked {
  /** In the order of time, [N, hidden] each. */
  readonly hiddens: readonly Value[];
  readonly last: State;
}

function walked(cell: Cell, direction: Direction, gates: readonly Value[], start: State, isReversed: boolean): Walked {
  const { g } = direction;
  const hiddens: Value[] = [];
  let state = start;
  for (const gate of isReversed ? gates.toReversed() : gates) {
    const next = cell.step(direction, reshape(g, gate, gate.shape.slice(1)), state);
    hiddens.push(next.hidden);
    state = next;
  }
  return { hiddens: isReversed ? hiddens.reverse() : hiddens, last: state };
}

/** Y, Y_h and, where there are cells, Y_c. */
function outputs(g: GraphBuilder, made: readonly Walked[], isBatchFirst: boolean): readonly Value[] {
  const joined = (values: readonly Value[], axis: number): Value =>
    values.length === 1 ? (values[0] as Value) : g.emit('Concat', values, { axis });
  const stacked = (value: Value, lead: readonly number[]): Value => reshape(g, value, [...lead, ...value.shape]);
  const Y = joined(
    made.map(({ hiddens }) =>
      joined(
        hiddens.map((hidden) => stacked(hidden, [1, 1])),
        0,
      ),
    ),
    1,
  );
  const last = (of: 'hidden' | 'cell'): readonly Value[] => {
    const values = made.map(({ last: state }) => state[of]).filter((value) => value !== undefined);
    if (values.length === 0) return [];
    const whole = joined(
      values.map((value) => stacked(value, [1])),
      0,
    );
    return [isBatchFirst ? swapped(g, whole) : whole];
  };
  const batchFirst = (): Value => g.emit('Transpose', [Y], { perm: [2, 0, 1, 3] });
  return [isBatchFirst ? batchFirst() : Y, ...last('hidden'), ...last('cell')];
}

const recurrent = (cell: (site: Site) => Cell, seesBiasLast: (site: Site) => boolean = () => false): Rule =>
  other((site) => unrolled(site, cell(site), seesBiasLast(site)));

const isResetLast = ({ attributes }: Site): boolean => attributes.int('linear_before_reset', 0) !== 0;

export const recurrentRules: Rules = {
  RNN: recurrent(() => rnn),
  LSTM: recurrent(() => lstm),
  GRU: recurrent((site) => gru(isResetLast(site)), isResetLast),
};
