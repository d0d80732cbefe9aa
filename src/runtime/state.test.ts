import { describe, expect, it } from 'vitest';
import { ShapeError } from '../errors.ts';
import { physicalValue, type Port } from '../graph/physical.ts';
import { nativeOrt } from './node/native-ort.ts';
import { State } from './state.ts';

const whole = (name: string, shape: readonly number[], perm?: readonly number[]): Port => ({
  name,
  value: physicalValue(name, { dtype: 'float32', shape }),
  perm,
});

/** Vectors of 2, 3, … elements one after the other in one value. */
function pack(name: string, members: readonly string[]): readonly Port[] {
  const sizes = members.map((member) => (member === 'a' ? 2 : 3));
  const value = physicalValue(name, { dtype: 'float32', shape: [sizes.reduce((sum, size) => sum + size, 0)] });
  return members.map((member, i) => {
    const offset = sizes.slice(0, i).reduce((sum, size) => sum + size, 0);
    return { name: member, value, perm: undefined, part: { offset, shape: [sizes[i] ?? 0] } };
  });
}

const numbers = async (state: State, name: string): Promise<readonly number[]> =>
  [...((await state.read([name])).get(name)?.data ?? [])].map(Number);

/** What a run would do: write consecutive numbers to all its outputs. */
function run(state: State, ports: readonly Port[], first: number): void {
  const writes = state.outputs(ports);
  for (const tensor of Object.values(writes.tensors))
    (tensor.data as Float32Array).forEach((_, i, data) => (data[i] = first + i));
  writes.commit();
}

/** What a run would be fed as one of its inputs. */
const fed = (state: State, ports: readonly Port[], name: string): number[] => [
  ...((state.inputs(ports)[name]?.data ?? []) as Float32Array),
];

describe('State', () => {
  it('keeps what is in a tensor when a program wants it beside another', async () => {
    const state = new State(nativeOrt.memory);
    state.declare([whole('a', [2]), whole('b', [3])]);
    state.write(
      new Map([
        ['a', Float32Array.of(1, 2)],
        ['b', Float32Array.of(3, 4, 5)],
      ]),
    );
    const packed = pack('both', ['b', 'a']);
    state.declare(packed);
    expect([await numbers(state, 'a'), await numbers(state, 'b')]).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
    expect(fed(state, packed, 'both')).toEqual([3, 4, 5, 1, 2]);
    expect(fed(state, [whole('a', [2])], 'a')).toEqual([1, 2]);
  });

  it('writes a pack in one go, and one of its members alone', async () => {
    const state = new State(nativeOrt.memory);
    const packed = pack('both', ['a', 'b']);
    state.declare(packed);
    run(state, packed, 10);
    expect([await numbers(state, 'a'), await numbers(state, 'b')]).toEqual([
      [10, 11],
      [12, 13, 14],
    ]);
    run(state, [whole('b', [3])], 0);
    expect([await numbers(state, 'a'), await numbers(state, 'b')]).toEqual([
      [10, 11],
      [0, 1, 2],
    ]);
  });

  it('serves programs that want different neighbours, each with what is stored', () => {
    const state = new State(nativeOrt.memory);
    const [one, other] = [pack('one', ['a', 'b']), pack('other', ['c', 'a'])];
    state.declare(one);
    state.declare(other);
    run(state, one, 1);
    expect(fed(state, other, 'other')).toEqual([0, 0, 0, 1, 2]);
    run(state, other, 20);
    expect(fed(state, one, 'one')).toEqual([23, 24, 3, 4, 5]);
  });

  it('gives two states that are updated with one value both of it', async () => {
    const state = new State(nativeOrt.memory);
    const [a, b] = [whole('p', [3]), whole('q', [3])];
    state.declare([a, b]);
    const next = physicalValue('next', { dtype: 'float32', shape: [3] });
    run(
      state,
      [
        { ...a, value: next },
        { ...b, value: next },
      ],
      7,
    );
    expect([await numbers(state, 'p'), await numbers(state, 'q')]).toEqual([
      [7, 8, 9],
      [7, 8, 9],
    ]);
  });

  it('refuses a tensor in two layouts or sizes', () => {
    const state = new State(nativeOrt.memory);
    state.declare([whole('w', [2, 3], [1, 0])]);
    expect(() => state.declare([whole('w', [2, 3])])).toThrow(ShapeError);
    expect(() => state.declare([whole('w', [3, 3], [1, 0])])).toThrow(ShapeError);
  });
});
