import { describe, expect, it } from 'vitest';
import { ShapeError } from '../errors.ts';
import { ops } from '../ops/index.ts';
import { add, alongChannels, mul, poolAxes, reduceSum, reshape } from './arithmetic.ts';
import { GraphBuilder } from './builder.ts';
import { validateGraph } from './validate.ts';

const data = { kind: 'data' } as const;
const state = { kind: 'state', initial: { kind: 'constant', value: 0 }, owner: 'norm' } as const;
const builder = (): GraphBuilder => new GraphBuilder(ops);

/** What a call throws. */
function thrownBy(call: () => unknown): ShapeError {
  try {
    call();
  } catch (error) {
    if (error instanceof ShapeError) return error;
    throw error;
  }
  throw new Error('The call was expected to throw');
}

describe('GraphBuilder.input()', () => {
  it('is named by scope and name, and takes the float type of the graph unless told', () => {
    const g = new GraphBuilder(ops, 'float64');
    const weight = g.inScope('layer1', () => g.inScope('norm', () => g.input('gamma', [5], data)));
    expect(weight).toEqual({ name: 'layer1/norm/gamma', dtype: 'float64', shape: [5] });
    expect(g.input('labels', [3], data, 'int32').dtype).toBe('int32');
  });

  it('refuses a name that is taken, but not the same name in another scope', () => {
    const g = builder();
    g.input('x', [3], data);
    expect(() => g.input('x', [3], data)).toThrow(
      new ShapeError("Cannot declare input 'x': the name is taken; give each layer a name of its own"),
    );
    expect(g.inScope('a', () => g.input('x', [3], data)).name).toBe('a/x');
  });

  it.each([[[3, 0]], [[-1]], [[2.5, 2]], [[Number.NaN]]])('refuses sizes %j', (shape) => {
    expect(() => builder().input('x', shape, data)).toThrow(
      "Cannot declare input 'x': sizes must be positive integers",
    );
  });

  it('leaves the scope where it was when building inside one throws', () => {
    const g = builder();
    expect(() => g.inScope('broken', () => g.input('x', [0], data))).toThrow(ShapeError);
    expect(g.input('x', [1], data).name).toBe('x');
  });
});

describe('GraphBuilder with a view of what is stored', () => {
  it('hands out the view in place of each parameter and state alone, named outside the layer that asked', () => {
    const g = new GraphBuilder(ops, 'float32', (shifted, stored, role) =>
      mul(shifted, stored, role.kind === 'state' ? 3 : 2),
    );
    const parameter = { kind: 'parameter', initial: { kind: 'constant', value: 1 }, owner: 'layer' } as const;
    const [weight, mean, x] = g.inScope('layer', () => [
      g.input('weight', [3], parameter),
      g.input('mean', [3], state),
      g.input('x', [3], data),
    ]);
    expect([weight, mean, x].map((value) => value?.name)).toEqual(['Mul', 'Mul_1', 'layer/x']);
    expect(g.inputs.map(({ value }) => value.name)).toEqual(['layer/weight', 'layer/mean', 'layer/x']);
    expect(g.nodes.map(({ inputs }) => inputs[0])).toEqual(g.inputs.slice(0, 2).map(({ value }) => value));
  });
});

describe('GraphBuilder.constant()', () => {
  it('makes equal constants once, and tells apart what differs in number, shape, type or sign of zero', () => {
    const g = builder();
    const one = g.constant(1);
    expect(g.constant([1], [])).toBe(one);
    const others = [
      g.constant(2),
      g.constant(1, [1]),
      g.constant(1, [], 'int64'),
      g.constant(0),
      g.constant(-0),
      g.constant([1, 2], [2]),
      g.constant([12], [1]),
    ];
    expect(new Set([one, ...others]).size).toBe(8);
    expect(new Set([one, ...others].map(({ name }) => name)).size).toBe(8);
  });

  it('refuses data that do not fill the shape', () => {
    expect(() => builder().constant([1, 2, 3], [2, 2])).toThrow(
      new ShapeError('Constant data must fill its shape, got 3 numbers for [2,2]'),
    );
  });
});

describe('GraphBuilder.emit()', () => {
  it('infers types, counts names up within a scope, and knows who made a value', () => {
    const g = builder();
    const x = g.input('x', [3, 1, 5], data);
    const names = g.inScope('a', () => [add(g, x, x), add(g, x, 1), mul(g, x, x)]).map(({ name }) => name);
    expect(names).toEqual(['a/Add', 'a/Add_1', 'a/Mul']);
    const wide = add(g, x, g.input('y', [4, 1], data));
    expect(wide).toEqual({ name: 'Add', dtype: 'float32', shape: [3, 4, 5] });
    expect(g.producer(wide)).toBe(g.nodes.at(-1));
    expect(g.producer(x)).toBeUndefined();
  });

  it('steers clear of names that inputs have taken', () => {
    const g = builder();
    const x = g.input('Neg_1', [2], data);
    const y = g.emit('Neg', [g.emit('Neg', [x])]);
    const z = g.emit('Neg', [g.input('constant_0', [2], data)]);
    const graph = g.finish('clash', { y, z: add(g, z, 1) });
    expect(() => validateGraph(graph, ops)).not.toThrow();
  });

  it('gives every output of an op a name and a type', () => {
    const g = builder();
    const [x, gamma] = [g.input('x', [3, 5, 2, 2], data), g.input('gamma', [5], data)];
    const outputs = g.emitAll('BatchNormalization', [x, gamma, gamma], { epsilon: 0.1 });
    expect(outputs.map(({ name, shape }) => [name, shape])).toEqual([
      ['BatchNormalization', [3, 5, 2, 2]],
      ['BatchNormalization.1', [5]],
      ['BatchNormalization.2', [5]],
    ]);
  });

  it('names the place, each value with its type, and the reason, when something does not fit', () => {
    const g = builder();
    const x = g.input('x', [3, 5], data);
    const error = g.inScope('head', () => thrownBy(() => g.emit('MatMul', [x, x])));
    expect(error.message).toBe(
      'Cannot build head/MatMul (x: float32[3,5], x: float32[3,5]): Matrices must chain, got [3,5] times [3,5]',
    );
    expect((error.cause as Error).message).toBe('Matrices must chain, got [3,5] times [3,5]');
  });

  it('throws in the call of the user, where the mistake is', () => {
    const g = builder();
    const x = g.input('x', [3, 5], data);
    const mistake = (): unknown => g.emit('MatMul', [x, x]);
    expect(thrownBy(mistake).stack).toMatch(/mistake/);
  });

  it('adds no node for what it refused', () => {
    const g = builder();
    const x = g.input('x', [3, 5], data);
    thrownBy(() => g.emit('MatMul', [x, x]));
    expect(g.nodes).toEqual([]);
  });
});

describe('GraphBuilder.finish()', () => {
  it('leaves out nodes, inputs and constants that nothing needs', () => {
    const g = builder();
    const [x, unused] = [g.input('x', [3], data), g.input('unused', [3], data)];
    const y = add(g, mul(g, x, 2), 3);
    g.emit('Exp', [add(g, unused, 7)]);
    g.emit('Exp', [y]);
    const graph = g.finish('small', { y });
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Mul', 'Add']);
    expect(graph.inputs.map(({ value }) => value.name)).toEqual(['x']);
    expect(graph.constants.map(({ data: numbers }) => numbers)).toEqual([[2], [3]]);
    expect(graph.outputs).toEqual([{ name: 'y', value: y }]);
  });

  it('keeps a whole node when one of its outputs is needed', () => {
    const g = builder();
    const [x, gamma] = [g.input('x', [3, 5], data), g.input('gamma', [5], data)];
    const [, , variance] = g.emitAll('BatchNormalization', [x, gamma, gamma], { epsilon: 0.1 });
    const graph = g.finish('variance', { variance });
    expect(graph.nodes.map(({ outputs }) => outputs.length)).toEqual([3]);
  });

  it('keeps what an update computes, and the state it writes even where nothing reads it', () => {
    const g = builder();
    const [x, s] = [g.input('x', [3], data), g.input('s', [3], state)];
    const next = mul(g, x, x);
    const graph = g.finish('write', {}, [{ state: s, next }]);
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Mul']);
    expect(graph.inputs.map(({ value }) => value)).toEqual([x, s]);
  });

  it('can make several graphs, which share their values', () => {
    const g = builder();
    const x = g.input('x', [3], data);
    const y = add(g, x, x);
    const z = mul(g, y, y);
    expect(g.finish('one', { y }).nodes).toHaveLength(1);
    expect(g.finish('two', { z }).nodes).toHaveLength(2);
    expect(g.finish('two', { z }).nodes[0]).toBe(g.finish('one', { y }).nodes[0]);
  });
});

describe('arithmetic', () => {
  it('adds no node where there is nothing to do', () => {
    const g = builder();
    const x = g.input('x', [3, 5], data);
    expect(reshape(g, x, [3, 5])).toBe(x);
    expect(reduceSum(g, x, [])).toBe(x);
    expect(g.nodes).toEqual([]);
  });

  it('lays channel vectors along axis 1 of any rank, and pools over the other axes', () => {
    const g = builder();
    const c = g.input('c', [5], data);
    expect([2, 3, 4].map((rank) => alongChannels(g, c, rank).shape)).toEqual([
      [1, 5],
      [1, 5, 1],
      [1, 5, 1, 1],
    ]);
    expect(poolAxes({ dtype: 'float32', shape: [3, 5, 4, 2] })).toEqual([0, 2, 3]);
  });
});
