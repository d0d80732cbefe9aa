import { expect, it } from 'vitest';
import { DataError } from '../errors.ts';
import {
  float,
  floats,
  type GraphText,
  int,
  ints,
  longs,
  node,
  onnxBytes,
  port,
  tensorAttribute,
} from '../testing/onnx-bytes.ts';
import { constantsOf } from './constants.ts';
import { readOnnx } from './read.ts';

function constants(graph: GraphText) {
  const { graph: read } = readOnnx(onnxBytes({ input: [port('x', [1])], output: [], ...graph }));
  return new Map([...constantsOf(read)].map(([name, { type, shape, data }]) => [name, { type, shape, data }]));
}

it('constantsOf() finds constants in each of their forms, by the names under which nodes read them', () => {
  const found = constants({
    initializer: [floats('w', [2], [1, 2]), longs('size', [2, 3])],
    node: [
      node('Constant', [], ['t'], [tensorAttribute('value', floats('inner', [1, 2], [3, 4]))]),
      node('Constant', [], ['f'], [float('value_float', 0.5)]),
      node('Constant', [], ['i'], [int('value_int', -1)]),
      node('Constant', [], ['is'], [ints('value_ints', [4, 5])]),
      node('Constant', [], ['s'], [{ name: 'value_string', type: 3, s: Uint8Array.of(65) }]),
      node('ConstantOfShape', ['size'], ['zeros']),
      node(
        'ConstantOfShape',
        ['is'],
        ['ones'],
        [tensorAttribute('value', { dims: [1n], dataType: 7, int64Data: [1n] })],
      ),
      node('Identity', ['w'], ['again']),
      node('Identity', ['again'], ['once more']),
      node('Identity', ['x'], ['not constant']),
      node('Neg', ['w'], ['computed']),
    ],
  });
  expect(Object.fromEntries(found)).toEqual({
    w: { type: 'float', shape: [2], data: Float32Array.of(1, 2) },
    size: { type: 'int64', shape: [2], data: BigInt64Array.of(2n, 3n) },
    t: { type: 'float', shape: [1, 2], data: Float32Array.of(3, 4) },
    f: { type: 'float', shape: [], data: Float32Array.of(0.5) },
    i: { type: 'int64', shape: [], data: BigInt64Array.of(-1n) },
    is: { type: 'int64', shape: [2], data: BigInt64Array.of(4n, 5n) },
    zeros: { type: 'float', shape: [2, 3], data: new Float32Array(6) },
    ones: { type: 'int64', shape: [4, 5], data: new BigInt64Array(20).fill(1n) },
    again: { type: 'float', shape: [2], data: Float32Array.of(1, 2) },
    'once more': { type: 'float', shape: [2], data: Float32Array.of(1, 2) },
  });
});

it('constantsOf() takes no memory for tensors that a file only describes, and bounds them', () => {
  const fill = (...sizes: number[]): GraphText => ({
    initializer: [longs('size', sizes)],
    node: [node('ConstantOfShape', ['size'], ['w'])],
  });
  const { graph } = readOnnx(onnxBytes({ input: [], output: [], ...fill(2 ** 14, 2 ** 14) }));
  expect(constantsOf(graph).get('w')?.shape).toEqual([2 ** 14, 2 ** 14]);
  expect(() => constants(fill(2 ** 14, 2 ** 14, 2))).toThrow('at most 268435456 numbers');
  expect(() => constants(fill(2 ** 50, 2 ** 50))).toThrow(DataError);
  expect(() => constants(fill(-1))).toThrow('must be a list of sizes, got [-1]');
});

it('constantsOf() refuses a Constant without a value', () => {
  expect(() => constants({ node: [node('Constant', [], ['c'])] })).toThrow("got 'c' without");
});
