import { describe, expect, it } from 'vitest';
import { add, mul } from '../../graph/arithmetic.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import { ops } from '../../ops/index.ts';
import { BLOCKED, BLOCKED_WEIGHT, IMAGE, WEIGHT } from './layout.ts';
import { rules } from './rules.ts';
import { settleLayouts, type Storage } from './settle.ts';

/** A weight from a feed, squared; images that it convolves, and beside them images that no convolution meets. */
function sample(): { readonly graph: Graph; readonly named: Readonly<Record<string, Value>> } {
  const g = new GraphBuilder(ops);
  const [x, w] = [g.input('x', [3, 32, 5, 4], { kind: 'data' }), g.input('w', [16, 32, 3, 3], { kind: 'data' })];
  const squared = mul(g, w, w);
  const y = g.emit('Conv', [add(g, x, x), squared], { strides: [1, 1], pads: [1, 1, 1, 1] });
  const stored = g.input('s', [3, 16, 5, 4], { kind: 'scratch' });
  const apart = g.emit('Tanh', [g.emit('Slice', [y], { axis: 1, start: 0, end: 5 })]);
  return { graph: g.finish('sample', { apart, y, stored }), named: { x, w, squared, y, stored, apart } };
}

const storage: Storage = {
  block: 16,
  weight: (shape) => (shape[0] === 16 ? BLOCKED_WEIGHT : WEIGHT),
  images: () => BLOCKED,
};

describe('settleLayouts()', () => {
  const { graph, named } = sample();
  const layouts = settleLayouts(graph, rules, storage);
  const layoutOf = (name: string): unknown => layouts.get(named[name] as Value);

  it('lays alike what an elementwise op joins, and what is stored as weights', () => {
    expect(layoutOf('w')).toBe(BLOCKED_WEIGHT);
    expect(layoutOf('squared')).toBe(BLOCKED_WEIGHT);
    expect(layoutOf('stored')).toBe(WEIGHT);
  });

  it('lays in blocks the images that a convolution meets, and no others', () => {
    expect(layoutOf('x')).toBe(BLOCKED);
    expect(layoutOf('y')).toBe(BLOCKED);
    expect(layoutOf('apart')).toBe(IMAGE);
  });

  it('goes by the table: where no op ties anything, the weight of the convolution alone is one', () => {
    const untied = { ...rules, Mul: { ties: 'none' }, Add: { ties: 'none' } } as const;
    const free = settleLayouts(graph, untied, storage);
    expect([free.get(named['w'] as Value), free.get(named['x'] as Value)]).toEqual([IMAGE, IMAGE]);
    expect(free.get(named['squared'] as Value)).toBe(BLOCKED_WEIGHT);
  });

  it('refuses a convolution whose ties name no weight', () => {
    const wrong = { ...rules, Conv: { ties: { reads: ['images', 'images'], makes: 'images' } } } as const;
    expect(() => settleLayouts(graph, wrong, storage)).toThrow('Conv must read or make a weight');
  });
});
