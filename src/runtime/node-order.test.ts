import { describe, expect, it } from 'vitest';
import { PhysicalBuilder, physicalValue } from '../graph/physical.ts';
import { readyFirst } from './node-order.ts';

describe('readyFirst()', () => {
  it('moves what reads only inputs and constants to the front, and keeps the order of all others', () => {
    const b = new PhysicalBuilder();
    const x = physicalValue('x', { dtype: 'float32', shape: [3, 5] });
    const port = { name: 'x', value: x, perm: undefined };
    const first = b.emit('Relu', [x], {}, x.shape);
    const second = b.emit('Neg', [first], {}, x.shape);
    const late = b.emit('Mul', [x, b.constant([2], [], 'float32')], {}, x.shape);
    const sum = b.emit('Add', [second, late], {}, x.shape);
    const graph = {
      name: 'graph',
      inputs: [port],
      outputs: [{ name: 'sum', value: sum, perm: undefined }],
      updates: [],
      initialisers: b.initialisers,
      nodes: b.nodes,
    };
    const sorted = readyFirst(graph);
    expect(sorted.nodes.map(({ op }) => op)).toEqual(['Relu', 'Mul', 'Neg', 'Add']);
    expect({ ...sorted, nodes: graph.nodes }).toEqual(graph);
  });
});
