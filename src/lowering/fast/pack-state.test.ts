import { describe, expect, it } from 'vitest';
import { add, dot, mul } from '../../graph/arithmetic.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import type { Port } from '../../graph/physical.ts';
import { ops } from '../../ops/index.ts';
import { descend } from '../../train/optimisers/descent.ts';
import { sgd } from '../../train/optimisers/sgd.ts';
import { lowerPortable } from '../portable.ts';
import type { FastOptions } from './context.ts';

const optimiser = sgd({ momentum: 0.9, weightDecay: 1e-3 });
const options: FastOptions = { convolution: 'winograd4', packsState: true };
const vectors = ['a', 'b', 'c'];

/** Three small vectors and a large one under SGD, and a state of each that takes a running mean of it. */
function step(settings = optimiser): Graph {
  const g = new GraphBuilder(ops);
  const input = (name: string, size: number): Value =>
    g.input(name, [size], { kind: 'parameter', initial: { kind: 'constant', value: 1 }, owner: 'layer' });
  const parameters = [...vectors.map((name, i) => input(name, 5 + i)), input('large', 70_000)];
  const loss = parameters
    .map((value) => dot(g, g.emit('Exp', [value]), g.emit('Tanh', [value])))
    .reduce((x, y) => add(g, x, y));
  const updates = [...descend(g, loss, parameters, settings).updates];
  for (const value of parameters.slice(0, 2)) {
    const role = { kind: 'state', initial: { kind: 'constant', value: 0 }, owner: 'norm' } as const;
    const mean = g.input(`mean of ${value.name}`, value.shape, role);
    updates.push({ state: mean, next: add(g, mul(g, mean, 0.9), g.emit('Tanh', [value])) });
  }
  return g.finish('step', { loss }, updates);
}

const named = (ports: readonly Port[]): ReadonlyMap<string, Port> => new Map(ports.map((port) => [port.name, port]));

describe('packState()', () => {
  it('lays small parameters and their velocities side by side in one order, and leaves large ones alone', () => {
    const inputs = named(lowerPortable(step(), options).inputs);
    const offsets = (prefix: string): readonly (number | undefined)[] =>
      vectors.map((name) => inputs.get(`${prefix}${name}${prefix && '/velocity'}`)?.part?.offset);
    // The last parameter comes first, as its update does.
    expect(offsets('')).toEqual([13, 7, 0]);
    expect(new Set(vectors.map((name) => inputs.get(name)?.value)).size).toBe(1);
    expect(inputs.get('large')?.part).toBeUndefined();
    const velocities = [...inputs.keys()].filter((name) => name.endsWith('/velocity') && !name.includes('large'));
    const starts = velocities.map((name) => inputs.get(name)?.part?.offset ?? NaN);
    expect(starts.toSorted((a, b) => a - b)).toEqual([0, 7, 13]);
  });

  it('updates all members of a pack by one formula', () => {
    const { nodes, updates } = lowerPortable(step(), options);
    const flat = nodes.filter(({ outputs }) => outputs[0]?.shape.join() === '18');
    // λ·p + g, 0.9·v + it, p − lr·v: five ops, and the gradients side by side.
    expect(flat.map(({ op }) => op).toSorted()).toEqual(['Add', 'Add', 'Concat', 'Mul', 'Mul', 'Mul', 'Sub']);
    const ports = named(updates);
    expect(ports.get('a')?.value).toBe(ports.get('b')?.value);
  });

  it('packs what norms keep as well, by its own formula', () => {
    const inputs = named(lowerPortable(step(), options).inputs);
    expect(inputs.get('mean of a')?.value).toBe(inputs.get('mean of b')?.value);
    expect(inputs.get('mean of a')?.value).not.toBe(inputs.get('a')?.value);
  });

  it('gives the same packs whatever the optimiser, so far as formulas are alike', () => {
    for (const settings of [
      { ...optimiser, nesterov: true },
      { ...optimiser, momentum: 0, weightDecay: 0 },
    ]) {
      const inputs = named(lowerPortable(step(settings), options).inputs);
      expect(vectors.map((name) => inputs.get(name)?.part?.offset)).toEqual([13, 7, 0]);
    }
  });

  it('packs nothing unless it is told to, so that graphs which leave the state alone find it as it lies', () => {
    const { inputs } = lowerPortable(step(), { ...options, packsState: false });
    expect(inputs.filter(({ part }) => part !== undefined)).toEqual([]);
  });

  it('asks for no learning rate', () => {
    const g = new GraphBuilder(ops);
    const role = { kind: 'state', initial: { kind: 'constant', value: 0 }, owner: 'norm' } as const;
    const states = ['s', 't'].map((name) => g.input(name, [4], role));
    const updates = states.map((state) => ({ state, next: mul(g, state, 0.5) }));
    const { inputs } = lowerPortable(g.finish('halve', {}, updates), options);
    expect(inputs.map(({ part }) => part?.offset)).toEqual([0, 4]);
  });
});
