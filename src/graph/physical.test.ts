import { describe, expect, expectTypeOf, it } from 'vitest';
import { GraphBuilder } from './builder.ts';
import type { Value } from './graph.ts';
import { PhysicalBuilder, type PhysicalValue, physicalValue } from './physical.ts';
import { ops } from '../ops/index.ts';

describe('physicalValue()', () => {
  it('takes name and type of a logical value, but neither passes for the other: the compiler holds this', () => {
    const logical = new GraphBuilder(ops).input('x', [3, 5], { kind: 'data' });
    expect(physicalValue(logical.name, logical)).toEqual({ ...logical, isPhysical: true });
    expectTypeOf<Value>().not.toExtend<PhysicalValue>();
    expectTypeOf<PhysicalValue>().not.toExtend<Value>();
  });
});

describe('PhysicalBuilder', () => {
  const x = physicalValue('x', { dtype: 'float64', shape: [3, 5] });

  it('appends nodes in order, each output under a name of its own', () => {
    const b = new PhysicalBuilder();
    const y = b.emit('Relu', [x], {}, [3, 5]);
    const [z, index] = b.emitAll('TopK', [y, b.ints([2])], { axis: 1 }, [
      { dtype: 'float64', shape: [3, 2] },
      { dtype: 'int64', shape: [3, 2] },
    ]);
    expect(b.nodes.map(({ op, outputs }) => [op, ...outputs])).toEqual([
      ['Relu', y],
      ['TopK', z, index],
    ]);
    expect(b.nodes[1]?.attrs).toEqual({ axis: 1 });
    expect(new Set([y.name, z?.name, index?.name]).size).toBe(3);
  });

  it('gives an output the element type of the first input, unless told, and ONNX as its domain', () => {
    const b = new PhysicalBuilder();
    expect(b.emit('Relu', [x], {}, [3, 5]).dtype).toBe('float64');
    expect(b.emit('Cast', [x], { to: 1 }, [3, 5], { dtype: 'float32' }).dtype).toBe('float32');
    b.emit('FusedMatMul', [x, x], {}, [3, 3], { domain: 'com.microsoft' });
    expect(b.nodes.map(({ domain }) => domain)).toEqual(['', '', 'com.microsoft']);
  });

  it('makes equal constants once, and tells apart what differs in number, shape, type or sign of zero', () => {
    const b = new PhysicalBuilder();
    const ones = b.constant([1, 1], [2], 'float32');
    expect(b.constant([1, 1], [2], 'float32')).toBe(ones);
    const others = [
      b.constant([1, 1], [2], 'float64'),
      b.constant([1, 1], [1, 2], 'float32'),
      b.constant([1, 11], [2], 'float32'),
      b.constant([11, 1], [2], 'float32'),
      b.constant([0], [], 'float32'),
      b.constant([-0], [], 'float32'),
    ];
    expect(new Set([ones, ...others]).size).toBe(7);
    expect(b.initialisers.map(({ value }) => value)).toEqual([ones, ...others]);
  });

  it('shares what is computed from a value under one key, and with no other builder', () => {
    const [b, other] = [new PhysicalBuilder(), new PhysicalBuilder()];
    const root = (builder: PhysicalBuilder, key: string): PhysicalValue =>
      builder.shared(x, key, () => builder.emit('Sqrt', [x], {}, [3, 5]));
    expect(root(b, 'root')).toBe(root(b, 'root'));
    expect(root(b, 'other')).not.toBe(root(b, 'root'));
    root(other, 'root');
    expect([b.nodes.length, other.nodes.length]).toEqual([2, 1]);
  });

  it('writes lists of integers as int64', () => {
    const b = new PhysicalBuilder();
    expect(b.ints([2, -1, 0])).toMatchObject({ dtype: 'int64', shape: [3] });
    expect(b.initialisers[0]?.data).toEqual([2, -1, 0]);
  });

  it('refuses data that do not fill the shape', () => {
    const b = new PhysicalBuilder();
    expect(() => b.constant([1, 2, 3], [2, 2], 'float32')).toThrow(
      new RangeError('Constant data must fill its shape, got 3 numbers for [2,2]'),
    );
  });
});
