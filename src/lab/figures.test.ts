import { describe, expect, it } from 'vitest';
import { figuresOf } from './figures.ts';
import { History } from './history.ts';
import { instrumentNames } from './instrument-names.ts';
import type { LeanRecord } from './messages.ts';

const STEPS = 5000;
const CHANGE = 2500;

/** All that figures show, at every step; the rate is halved on the way. */
function longHistory(): History {
  const history = new History();
  for (let step = 0; step < STEPS; step++) {
    const places: readonly (readonly [string, Pick<LeanRecord, 'layer' | 'at'>])[] = [
      ['test-accuracy', {}],
      ['test-accuracy-batch', {}],
      ...[15, 50, 85].map((at) => ['activation-percentile', { layer: 'dense1', at }] as const),
      ...[0.5, 1, 4].flatMap((at) => [['ray-loss', { at }] as const, ['ray-beta', { at }] as const]),
      ['covariate-shift', { layer: 'dense2' }],
      ['running-mean-distance', { layer: 'dense1' }],
      ['activation-largest', { layer: 'dense1' }],
      ...[-0.4, 0, 0.4].map((at) => ['activation-count', { layer: 'dense1', at }] as const),
    ];
    const records = places.map(([quantity, place]) => ({ step, quantity, value: 1, ...place }));
    history.add({ step, loss: 1, accuracy: 1, learningRate: step < CHANGE ? 0.5 : 0.25, records });
  }
  return history;
}

describe('figuresOf', () => {
  const shown = [{ arm: 'batch', history: longHistory(), momentum: 0 }];

  it.each(
    instrumentNames.filter((name) => !['gradients', 'ridgelines', 'singular-values', 'predictions'].includes(name)),
  )('draws %s of many steps with no more points than can be told apart', (name) => {
    for (const { marks } of figuresOf(name, shown, Infinity)) {
      const counts = marks.map((mark) => ('x' in mark ? mark.x.length : 0));
      expect(counts.length).toBeGreaterThan(0);
      expect(Math.min(...counts)).toBeGreaterThan(50);
      expect(Math.max(...counts)).toBeLessThanOrEqual(240);
    }
  });

  it('draws ridgelines of a dozen steps, however many there are', () => {
    const rows = (until: number): readonly number[] =>
      figuresOf('ridgelines', shown, until)[0]?.marks.flatMap((mark) => (mark.mark === 'ridge' ? [mark.base] : [])) ??
      [];
    expect(rows(Infinity)).toEqual(Array.from({ length: 12 }, (_, i) => i * 417));
    expect(rows(3)).toEqual([0, 1, 2, 3]);
  });

  it('holds the smoothness to 2/η of its own step', () => {
    const [, limit] = figuresOf('smoothness', shown, Infinity)[0]?.marks ?? [];
    const [x, y] = limit?.mark === 'line' ? [limit.x, limit.y] : [[], []];
    expect(y[0]).toBe(4);
    expect(y.at(-1)).toBe(8);
    // Of the group of steps in which it changes, the mean is drawn.
    const change = x.findIndex((step) => step >= CHANGE);
    expect(y.slice(0, change - 1).every((one) => one === 4)).toBe(true);
    expect(y.slice(change).every((one) => one === 8)).toBe(true);
  });

  it('has that limit farther with momentum: a heavy ball on a parabola bears 2(1 + m)/η', () => {
    const heavy = shown.map((one) => ({ ...one, momentum: 0.5 }));
    const [, limit] = figuresOf('smoothness', heavy, Infinity)[0]?.marks ?? [];
    expect(limit?.mark === 'line' && [limit.y[0], limit.label]).toEqual([6, '2(1 + m)/η']);
  });

  it('says nothing of what was not measured, and shows no more than up to a step', () => {
    expect(figuresOf('shift', [{ arm: 'batch', history: new History(), momentum: 0 }], Infinity)[0]?.marks).toEqual([]);
    const [mark] = figuresOf('loss', shown, 99)[0]?.marks ?? [];
    expect(mark?.mark === 'line' && mark.x).toHaveLength(100);
  });
});
