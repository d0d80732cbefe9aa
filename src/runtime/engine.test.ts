import { afterEach, describe, expect, it } from 'vitest';
import { SettingError, ShapeError } from '../errors.ts';
import { add, mul } from '../graph/arithmetic.ts';
import { GraphBuilder } from '../graph/builder.ts';
import { inputsOf, outputsOf } from '../graph/op-arity.ts';
import type { Graph, Role, Value } from '../graph/graph.ts';
import type { Port } from '../graph/physical.ts';
import { ops } from '../ops/index.ts';
import { reference } from '../testing/evaluate.ts';
import { Engine } from './engine.ts';
import { nativeOrt } from './node/native-ort.ts';
import { compile, type CompiledGraph } from './program.ts';
import type { TensorData } from './tensor-data.ts';

const state: Role = { kind: 'state', initial: { kind: 'constant', value: 0 }, owner: 'optimiser' };
const scratch: Role = { kind: 'scratch' };
const data: Role = { kind: 'data' };

function build(make: (g: GraphBuilder) => Graph): Graph {
  return make(new GraphBuilder(ops));
}

/** count ← count + by; outputs the count before. */
const counter = build((g) => {
  const count = g.input('count', [3], state);
  const next = add(g, count, g.input('by', [3], data));
  return g.finish('step', { before: mul(g, count, 1) }, [{ state: count, next }]);
});

/** Reads the count and writes nothing. */
const reader = build((g) => g.finish('reader', { double: mul(g, g.input('count', [3], state), 2) }));

/** One engine whose programs share one state, called by their names. */
class NamedEngine {
  readonly engine: Engine = new Engine(1, nativeOrt);
  readonly #names: string[] = [];

  load(compiled: CompiledGraph, state = 0): Promise<void> {
    this.#names.push(compiled.name);
    return this.engine.load(this.#names.length - 1, state, compiled);
  }
  number(name: string): number {
    return this.#names.lastIndexOf(name);
  }
  run(name: string, feeds: Record<string, TensorData>): Promise<Record<string, TensorData>> {
    return this.engine.run(this.number(name), feeds);
  }
  write(state: ReadonlyMap<string, TensorData>): void {
    this.engine.write(0, state);
  }
  read(names: readonly string[]): ReturnType<Engine['read']> {
    return this.engine.read(0, names);
  }
  close(): Promise<void> {
    return this.engine.close();
  }
}

const engines: NamedEngine[] = [];

async function engineWith(...programs: readonly CompiledGraph[]): Promise<NamedEngine> {
  const engine = new NamedEngine();
  engines.push(engine);
  for (const program of programs) await engine.load(program);
  return engine;
}

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});

const stepOf = (graph: Graph): CompiledGraph => compile(graph, reference, 'state');
const numbers = (values: Record<string, TensorData>): Record<string, number[]> =>
  Object.fromEntries(
    Object.entries(values).map(([name, list]) => [name, Array.from<number | bigint, number>(list, Number)]),
  );
const stored = async (engine: NamedEngine, ...names: string[]): Promise<Record<string, number[]>> =>
  numbers(Object.fromEntries([...(await engine.read(names))].map(([name, tensor]) => [name, tensor.data])));

describe('Engine', () => {
  it('carries state from step to step, starting from zeros', async () => {
    const engine = await engineWith(stepOf(counter));
    const seen: number[][] = [];
    for (let i = 1; i <= 5; i++) {
      const { before } = numbers(await engine.run('step', { by: Float32Array.of(1, i, -0.5) }));
      seen.push(before ?? []);
      expect(await stored(engine, 'count')).toEqual({ count: [i, (i * (i + 1)) / 2, -0.5 * i] });
    }
    expect(seen).toEqual([0, 1, 2, 3, 4].map((i) => [i, (i * (i + 1)) / 2, i === 0 ? 0 : -0.5 * i]));
  });

  it('hands out copies: a later run changes neither results nor what was read', async () => {
    const engine = await engineWith(stepOf(counter));
    const by = Float32Array.of(1, 2, 3);
    await engine.run('step', { by });
    const [first, read] = [await engine.run('step', { by }), (await engine.read(['count'])).get('count')];
    await engine.run('step', { by });
    await engine.run('step', { by });
    expect(numbers(first)).toEqual({ before: [1, 2, 3] });
    expect([...(read?.data ?? [])]).toEqual([2, 4, 6]);
    expect(read?.shape).toEqual([3]);
  });

  it('leaves state as it is when a program only reads it', async () => {
    const engine = await engineWith(stepOf(counter), compile(reader, reference, 'scratch'));
    await engine.run('step', { by: Float32Array.of(1, 2, 3) });
    for (let i = 0; i < 3; i++) expect(numbers(await engine.run('reader', {}))).toEqual({ double: [2, 4, 6] });
    expect(await stored(engine, 'count')).toEqual({ count: [1, 2, 3] });
  });

  it('writes and reads back, and the next run sees what was written', async () => {
    const engine = await engineWith(stepOf(counter));
    await engine.run('step', { by: Float32Array.of(1, 2, 3) });
    const given = Float32Array.of(0.5, -1, 7);
    engine.write(new Map([['count', given]]));
    given.fill(0);
    expect(await stored(engine, 'count')).toEqual({ count: [0.5, -1, 7] });
    expect(numbers(await engine.run('step', { by: Float32Array.of(1, 1, 1) }))).toEqual({ before: [0.5, -1, 7] });
    expect(await stored(engine, 'count')).toEqual({ count: [1.5, 0, 8] });
  });

  it('passes scratch from one program to another without touching state', async () => {
    const save = build((g) => {
      const [kept, count] = [g.input('kept', [3], scratch), g.input('count', [3], state)];
      return g.finish('save', {}, [{ state: kept, next: mul(g, count, 10) }]);
    });
    const compare = build((g) => {
      const [kept, count] = [g.input('kept', [3], scratch), g.input('count', [3], state)];
      return g.finish('compare', { sum: add(g, kept, count) });
    });
    const engine = await engineWith(
      stepOf(counter),
      compile(save, reference, 'scratch'),
      compile(compare, reference, 'scratch'),
    );
    const by = Float32Array.of(1, 2, 3);
    await engine.run('step', { by });
    expect(numbers(await engine.run('save', {}))).toEqual({});
    await engine.run('step', { by });
    expect(numbers(await engine.run('compare', {}))).toEqual({ sum: [12, 24, 36] });
    expect(await stored(engine, 'count', 'kept')).toEqual({ count: [2, 4, 6], kept: [10, 20, 30] });
  });

  it('gives one value to two states, and returns it as an output as well', async () => {
    const shared = build((g) => {
      const [a, b, x] = [g.input('a', [3], state), g.input('b', [3], state), g.input('x', [3], data)];
      const next = add(g, add(g, a, b), x);
      return g.finish(
        'step',
        { next, again: next },
        [a, b].map((slot) => ({ state: slot, next })),
      );
    });
    const engine = await engineWith(stepOf(shared));
    const x = Float32Array.of(1, 2, 3);
    expect(numbers(await engine.run('step', { x }))).toEqual({ next: [1, 2, 3], again: [1, 2, 3] });
    expect(numbers(await engine.run('step', { x }))).toEqual({ next: [3, 6, 9], again: [3, 6, 9] });
    expect(await stored(engine, 'a', 'b')).toEqual({ a: [3, 6, 9], b: [3, 6, 9] });
    engine.write(new Map([['a', Float32Array.of(0, 0, 0)]]));
    expect(await stored(engine, 'a', 'b')).toEqual({ a: [0, 0, 0], b: [3, 6, 9] });
  });

  it('gives one value to two states that are no output', async () => {
    const shared = build((g) => {
      const [a, b] = [g.input('a', [3], state), g.input('b', [3], state)];
      const next = add(g, add(g, a, b), 1);
      return g.finish(
        'step',
        {},
        [a, b].map((slot) => ({ state: slot, next })),
      );
    });
    const engine = await engineWith(stepOf(shared));
    await engine.run('step', {});
    await engine.run('step', {});
    expect(await stored(engine, 'a', 'b')).toEqual({ a: [3, 3, 3], b: [3, 3, 3] });
  });

  it('swaps two states that take each other’s value, and fills one from what is fed or constant', async () => {
    const swap = build((g) => {
      const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => g.input(name, [2], state)) as [
        Value,
        Value,
        Value,
        Value,
      ];
      return g.finish('step', {}, [
        { state: a, next: b },
        { state: b, next: a },
        { state: c, next: g.input('x', [2], data) },
        { state: d, next: g.constant([5, 6], [2]) },
      ]);
    });
    const engine = await engineWith(stepOf(swap));
    engine.write(
      new Map([
        ['a', Float32Array.of(1, 2)],
        ['b', Float32Array.of(3, 4)],
      ]),
    );
    await engine.run('step', { x: Float32Array.of(7, 8) });
    expect(await stored(engine, 'a', 'b', 'c', 'd')).toEqual({ a: [3, 4], b: [1, 2], c: [7, 8], d: [5, 6] });
    await engine.run('step', { x: Float32Array.of(9, 10) });
    expect(await stored(engine, 'a', 'b', 'c', 'd')).toEqual({ a: [1, 2], b: [3, 4], c: [9, 10], d: [5, 6] });
  });

  it('returns an input that is an output as it was fed, and keeps the caller’s array', async () => {
    const echo = build((g) => {
      const x = g.input('x', [3], data);
      return g.finish('echo', { x, labels: g.input('labels', [2], data, 'int32') });
    });
    const engine = await engineWith(compile(echo, reference, 'scratch'));
    const x = Float32Array.of(1, 2, 3);
    const result = await engine.run('echo', { x, labels: Int32Array.of(4, 5) });
    expect(numbers(result)).toEqual({ x: [1, 2, 3], labels: [4, 5] });
    x.fill(0);
    expect(numbers(result)['x']).toEqual([1, 2, 3]);
  });

  it('stores a permuted port in its own layout, and shows the logical one', async () => {
    const matrix = build((g) => {
      const [m, x] = [g.input('m', [2, 3], state), g.input('x', [2, 3], data)];
      return g.finish('step', { sum: add(g, m, x) }, [{ state: m, next: add(g, m, m) }]);
    });
    const plain = stepOf(matrix);
    // The same program on the transposed matrix: elementwise ops do not care.
    const engine = await engineWith(transposed(matrix));
    engine.write(new Map([['m', Float32Array.of(1, 2, 3, 4, 5, 6)]]));
    const result = await engine.run('step', { x: Float32Array.of(10, 20, 30, 40, 50, 60) });
    expect(numbers(result)).toEqual({ sum: [11, 22, 33, 44, 55, 66] });
    expect((await engine.read(['m'])).get('m')).toEqual({ shape: [2, 3], data: Float32Array.of(2, 4, 6, 8, 10, 12) });
    await expect(engine.load({ ...plain, name: 'other' })).rejects.toThrow(
      new ShapeError("Programs must agree on the element type and layout of 'm', got two"),
    );
  });

  it.each<[string, Record<string, TensorData>, string]>([
    ['a missing feed', {}, "Program 'step' must be fed 'by'"],
    [
      'a feed of another element type',
      { by: new Float64Array(3) },
      "'by' must be 3 numbers in Float32Array ([3]), got 3 in Float64Array",
    ],
    [
      'a feed of another length',
      { by: new Float32Array(4) },
      "'by' must be 3 numbers in Float32Array ([3]), got 4 in Float32Array",
    ],
  ])('refuses %s, and leaves the state as it was', async (_, feeds, message) => {
    const engine = await engineWith(stepOf(counter));
    await engine.run('step', { by: Float32Array.of(1, 2, 3) });
    await expect(engine.run('step', feeds)).rejects.toThrow(new ShapeError(message));
    expect(await stored(engine, 'count')).toEqual({ count: [1, 2, 3] });
  });

  it.each<[string, Record<string, TensorData>]>([
    ['unknown', { by: new Float32Array(3), bye: new Float32Array(3) }],
    ['stored', { by: new Float32Array(3), count: new Float32Array(3) }],
  ])('refuses a feed that is %s', async (_, feeds) => {
    const engine = await engineWith(stepOf(counter));
    await expect(engine.run('step', feeds)).rejects.toThrow(ShapeError);
  });

  it('refuses programs that disagree on the element type of what they store', async () => {
    const g = new GraphBuilder(ops, 'float64');
    const double = g.finish('double', { twice: mul(g, g.input('count', [3], state), 2) });
    const engine = await engineWith(stepOf(counter));
    await expect(engine.load(compile(double, reference, 'scratch'))).rejects.toThrow(ShapeError);
  });

  it('keeps what programs of different states store apart, though the names are the same', async () => {
    const engine = await engineWith(stepOf(counter));
    await engine.load({ ...stepOf(counter), name: 'other' }, 1);
    await engine.run('step', { by: Float32Array.of(1, 2, 3) });
    await engine.run('other', { by: Float32Array.of(5, 5, 5) });
    await engine.run('other', { by: Float32Array.of(5, 5, 5) });
    const ofState = async (state: number): Promise<number[]> =>
      Array.from((await engine.engine.read(state, ['count'])).get('count')?.data ?? [], Number);
    expect([await ofState(0), await ofState(1)]).toEqual([
      [1, 2, 3],
      [10, 10, 10],
    ]);
  });

  it('frees one program, and leaves what it stored to the others', async () => {
    const engine = await engineWith(stepOf(counter), compile(reader, reference, 'scratch'));
    await engine.run('step', { by: Float32Array.of(1, 2, 3) });
    await engine.engine.release(engine.number('step'));
    await expect(engine.run('step', { by: Float32Array.of(1, 2, 3) })).rejects.toThrow(SettingError);
    expect(numbers(await engine.run('reader', {}))).toEqual({ double: [2, 4, 6] });
    await expect(engine.engine.release(engine.number('step'))).resolves.toBeUndefined();
  });

  it('forgets a state with its programs, and no other', async () => {
    const engine = await engineWith(stepOf(counter));
    await engine.load({ ...stepOf(counter), name: 'other' }, 1);
    await engine.run('step', { by: Float32Array.of(1, 2, 3) });
    await engine.engine.forget(1);
    await expect(engine.run('other', { by: Float32Array.of(1, 1, 1) })).rejects.toThrow(SettingError);
    await expect(engine.engine.read(1, ['count'])).rejects.toThrow(ShapeError);
    expect(await stored(engine, 'count')).toEqual({ count: [1, 2, 3] });
  });

  it('refuses a program that was not loaded, and a name that no program stores', async () => {
    const engine = await engineWith(stepOf(counter));
    await expect(engine.run('probe', {})).rejects.toThrow(
      new SettingError('A program must be loaded to run, got one that was released'),
    );
    await expect(engine.read(['velocity'])).rejects.toThrow(new ShapeError("No loaded program stores 'velocity'"));
    expect(() => engine.write(new Map([['velocity', new Float32Array(3)]]))).toThrow(ShapeError);
    expect(() => engine.write(new Map([['count', new Float32Array(2)]]))).toThrow(
      new ShapeError("'count' must be 3 numbers in Float32Array ([3]), got 2 in Float32Array"),
    );
  });
});

/** The program of an elementwise graph of matrices, computed on their transposes. */
function transposed(graph: Graph): CompiledGraph {
  const turn = ({ shape, ...rest }: Value): Value => ({ ...rest, shape: shape.toReversed() });
  const values = new Map<Value, Value>();
  const turned = (value: Value): Value => {
    const known = values.get(value) ?? turn(value);
    values.set(value, known);
    return known;
  };
  const program = stepOf({
    ...graph,
    inputs: graph.inputs.map(({ value, role }) => ({ value: turned(value), role })),
    nodes: graph.nodes.map(({ op, attrs, inputs, outputs }) => ({
      op,
      attrs,
      inputs: inputsOf(op, inputs.map(turned)),
      outputs: outputsOf(op, outputs.map(turned)),
    })),
    outputs: graph.outputs.map(({ name, value }) => ({ name, value: turned(value) })),
    updates: graph.updates.map(({ state: slot, next }) => ({ state: turned(slot), next: turned(next) })),
  });
  const permuted = (ports: readonly Port[]): Port[] => ports.map((port) => ({ ...port, perm: [1, 0] }));
  return {
    ...program,
    feeds: permuted(program.feeds),
    stored: permuted(program.stored),
    outputs: permuted(program.outputs),
    updates: permuted(program.updates),
  };
}
