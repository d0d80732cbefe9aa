import { describe, expect, it } from 'vitest';
import { add, mul, reduceSum, sub } from '../graph/arithmetic.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph, Role } from '../graph/graph.ts';
import { ops } from '../ops/index.ts';
import { maxDifference } from '../testing/difference.ts';
import { evaluate } from '../testing/evaluate.ts';
import { randomArray } from '../testing/gradcheck.ts';
import { lowerReference } from './reference.ts';
import { sweepOver } from './sweep.ts';

/** y = w · tanh(x) − s · x with its sum: images, so that a lowering lays the outputs in an order of its own. */
function graphOf(role: Role): Graph {
  const g = new GraphBuilder(ops);
  const x = g.input('x', [3, 2, 5, 4], { kind: 'data' });
  const w = g.input('w', [3, 2, 3, 3], { kind: 'data' });
  const s = g.input('s', [], role);
  const fixed = g.emit('Tanh', [g.emit('Tanh', [x])]);
  const moved = sub(g, fixed, mul(g, x, s));
  const weight = add(g, g.emit('Reshape', [w], { shape: [9, 2, 3, 1] }), mul(g, s, 2));
  const y = g.emit('Conv', [moved, weight], { strides: [1, 1], pads: [1, 0, 1, 0] });
  return g.finish('swept', { y, sum: reduceSum(g, y, [0, 1, 2, 3]) });
}

const feeds = { x: Float32Array.from(randomArray(120, 'x')), w: Float32Array.from(randomArray(54, 'w')) };
const values = Float32Array.of(0.25, -1, 3);

describe.each(['reference', 'portable'] as const)('a sweep on the %s lowering', (lowering) => {
  it('gives for each value what a run with that value gives, to the bit', async () => {
    const swept = await evaluate(graphOf({ kind: 'sweep', count: 3 }), { ...feeds, s: values }, { lowering });
    for (const [i, s] of values.entries()) {
      const alone = await evaluate(graphOf({ kind: 'scalar' }), { ...feeds, s: Float32Array.of(s) }, { lowering });
      for (const [name, data] of Object.entries(alone)) {
        const own = (swept[name] as Float32Array).subarray(i * data.length, (i + 1) * data.length);
        expect(own).toHaveLength(data.length);
        expect(maxDifference(own, data as Float32Array), `${name} at ${s}`).toBe(0);
      }
    }
  });
});

describe('sweepOver()', () => {
  const physical = lowerReference(graphOf({ kind: 'scalar' }));

  it('leaves what does not depend on the scalar outside, once', () => {
    const { nodes } = sweepOver(physical, 's', 3);
    expect(nodes.map(({ op }) => op)).toEqual(['Tanh', 'Tanh', 'Reshape', 'Scan']);
  });

  it('refuses what is no scalar, a graph that writes, and an output that is the same for all values', () => {
    expect(() => sweepOver(physical, 'x', 3)).toThrow(
      "A sweep must be over a scalar of a graph that writes nothing, got 'x'",
    );
    expect(() => sweepOver(physical, 'learningRate', 3)).toThrow('A sweep must be over a scalar');
    expect(() => sweepOver({ ...physical, updates: physical.outputs }, 's', 3)).toThrow('writes nothing');
    const g = new GraphBuilder(ops);
    const s = g.input('s', [], { kind: 'scalar' });
    const x = g.input('x', [3], { kind: 'data' });
    const constant = g.finish('constant', { moved: mul(g, x, s), fixed: mul(g, x, 2) });
    expect(() => sweepOver(lowerReference(constant), 's', 3)).toThrow(
      "Outputs of a sweep must depend on 's', got 'fixed'",
    );
  });
});
