import { describe, expect, expectTypeOf, it } from 'vitest';
import { ShapeError } from '../errors.ts';
import { ops } from '../ops/index.ts';
import type { Cotangents, OpDef } from '../ops/op.ts';
import { GraphBuilder } from './builder.ts';
import type { Node, Value } from './graph.ts';
import { type Inputs, inputsOf, type Outputs, outputsOf } from './op-arity.ts';
import type { TensorType } from './tensor-type.ts';

type Pair = readonly [Value, Value];
type Triple = readonly [Value, Value, Value];

const g = new GraphBuilder(ops);
const x = g.input('x', [3, 5], { kind: 'data' });
const gamma = g.input('gamma', [5], { kind: 'data' });

// What `toExtend` and `toEqualTypeOf` say is checked by tsc; at run time they pass.
describe('types', () => {
  it('say how many values an op takes and gives', () => {
    expectTypeOf<Inputs<'Add', Value>>().toEqualTypeOf<Pair>();
    expectTypeOf<Outputs<'Add', Value>>().toEqualTypeOf<readonly [Value]>();
    expectTypeOf<Inputs<'Concat', Value>>().toEqualTypeOf<readonly Value[]>();
    expectTypeOf<Node<'BatchNormalization'>['outputs']>().toEqualTypeOf<Triple>();
    expectTypeOf<Inputs<'BatchNormalizationGrad', Value>['length']>().toEqualTypeOf<5>();
  });

  it('refuse a call with an input too few or too many', () => {
    type Given<K extends 'Add' | 'Neg'> = Parameters<typeof g.emit<K>>[1];
    expectTypeOf<Pair>().toExtend<Given<'Add'>>();
    expectTypeOf<readonly [Value]>().not.toExtend<Given<'Add'>>();
    expectTypeOf<Triple>().not.toExtend<Given<'Add'>>();
    expectTypeOf<readonly Value[]>().not.toExtend<Given<'Add'>>();
    expectTypeOf<Pair>().not.toExtend<Given<'Neg'>>();
  });

  it('refuse rules for another number of inputs or outputs', () => {
    type Infer = OpDef<'Add'>['infer'];
    expectTypeOf<(inputs: readonly [TensorType, TensorType]) => readonly [TensorType]>().toExtend<Infer>();
    expectTypeOf<
      (inputs: readonly [TensorType, TensorType, TensorType]) => readonly [TensorType]
    >().not.toExtend<Infer>();
    expectTypeOf<(inputs: readonly [TensorType, TensorType]) => readonly TensorType[]>().not.toExtend<Infer>();
    type Derivative = ReturnType<Extract<OpDef<'Mul'>['vjp'], (...context: never) => unknown>>;
    expectTypeOf<readonly [Value, undefined]>().toExtend<Derivative>();
    expectTypeOf<readonly [Value]>().not.toExtend<Derivative>();
  });

  it('give the cotangent of a single output, and those of several as far as there are any', () => {
    expectTypeOf<Cotangents<'Mul'>>().toEqualTypeOf<readonly [Value]>();
    type Some = Value | undefined;
    expectTypeOf<Cotangents<'BatchNormalization'>>().toEqualTypeOf<readonly [Some, Some, Some]>();
  });

  it('give as many outputs as there are', () => {
    const outputs = g.emitAll('BatchNormalization', [x, gamma, gamma], { epsilon: 0.1 });
    expectTypeOf(outputs).toEqualTypeOf<Triple>();
    expect(outputs).toHaveLength(3);
  });
});

describe('where types do not reach', () => {
  it('a list is counted', () => {
    expect(inputsOf('Add', [1, 2])).toEqual([1, 2]);
    expect(() => inputsOf('Add', [1])).toThrow(new ShapeError('Expected 2 inputs, got 1'));
    expect(() => inputsOf('Neg', [1, 2])).toThrow(new ShapeError('Expected 1 input, got 2'));
    expect(outputsOf('BatchNormalization', [1, 2, 3])).toEqual([1, 2, 3]);
    expect(() => outputsOf('Add', [])).toThrow(new ShapeError('Expected 1 output, got 0'));
  });

  it('an op that takes any number is given it', () => {
    for (const list of [[], [1], [1, 2, 3, 4]]) expect(inputsOf('Concat', list)).toBe(list);
  });
});
