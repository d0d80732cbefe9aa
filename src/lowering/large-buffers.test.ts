import { describe, expect, it } from 'vitest';
import { PhysicalBuilder, type PhysicalGraph, physicalValue } from '../graph/physical.ts';
import type { Shape } from '../graph/tensor-type.ts';
import { buildGraph, evaluate } from '../testing/evaluate.ts';
import type { FastOptions } from './fast/context.ts';
import { hideLargeShapes } from './large-buffers.ts';
import { lowerPortable } from './portable.ts';

const options: FastOptions = { convolution: 'winograd4', packsState: false };

/** x → Reshape → Mul by itself, twice: as a row and as a column of pixels. */
function twice(elements: number): PhysicalGraph {
  const b = new PhysicalBuilder();
  const x = physicalValue('x', { dtype: 'float32', shape: [elements] });
  const square = (shape: Shape): ReturnType<PhysicalBuilder['emit']> => {
    const view = b.emit('Reshape', [x, b.ints(shape)], {}, shape);
    const again = b.emit('Reshape', [x, b.ints(shape)], {}, shape);
    return b.emit('Mul', [view, again], {}, shape);
  };
  const outputs = [square([1, elements]), square([elements, 1])].map((value) => ({
    name: value.name,
    value,
    perm: undefined,
  }));
  const inputs = [{ name: 'x', value: x, perm: undefined }];
  return { name: 'twice', inputs, outputs, updates: [], initialisers: b.initialisers, nodes: b.nodes };
}

describe('hideLargeShapes()', () => {
  it('sends the targets of Reshapes that something large is computed from through one Identity each', () => {
    const graph = twice(6_000_000);
    const { nodes } = hideLargeShapes(graph);
    expect(nodes.map(({ op }) => op)).toEqual([
      'Identity',
      'Identity',
      'Reshape',
      'Reshape',
      'Mul',
      'Reshape',
      'Reshape',
      'Mul',
    ]);
    const [first, second] = nodes.filter(({ op }) => op === 'Identity');
    expect([first?.inputs[0], second?.inputs[0]]).toEqual(graph.initialisers.map(({ value }) => value));
    const targets = nodes.filter(({ op }) => op === 'Reshape').map(({ inputs }) => inputs[1]);
    expect(targets).toEqual([first, first, second, second].map((node) => node?.outputs[0]));
  });

  it('leaves a graph without large values as it is', () => {
    const graph = twice(4_000_000);
    expect(hideLargeShapes(graph)).toEqual(graph);
  });

  it('changes no number', async () => {
    const columns = 2_000_000;
    const graph = buildGraph('float32', (g) => {
      const w = g.input('w', [3, 2], { kind: 'data' });
      const x = g.input('x', [2, 4, columns / 4], { kind: 'data' });
      const products = g.emit('MatMul', [w, g.emit('Reshape', [x], { shape: [2, columns] })]);
      return { sums: g.emit('ReduceMax', [products], { axes: [1], keepdims: false }) };
    });
    expect(lowerPortable(graph, options).nodes.filter(({ op }) => op === 'Identity')).toHaveLength(1);
    // Small whole numbers, exact in float32: each row of x runs through 0 … 99.
    const feeds = {
      w: Float32Array.of(1, 0, 0, 2, 3, 4),
      x: Float32Array.from({ length: 2 * columns }, (_, i) => i % 100),
    };
    const { sums } = await evaluate(graph, feeds, { lowering: 'portable' });
    expect(sums).toEqual(Float32Array.of(99, 2 * 99, 7 * 99));
  });
});
