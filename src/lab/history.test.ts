import { describe, expect, it } from 'vitest';
import { History } from './history.ts';

function lived(steps: number): History {
  const history = new History();
  for (let step = 0; step < steps; step++) {
    const records = step % 5 === 0 ? [{ quantity: 'ray-loss', at: 2, value: 10 * step }] : [];
    history.add({ step, loss: step, accuracy: 0.5, learningRate: 1, records });
  }
  return history;
}

describe('a history', () => {
  it('is lines over steps, by quantity and place', () => {
    const history = lived(12);
    expect(history.line('ray-loss', { at: 2 })).toEqual({ x: [0, 5, 10], y: [0, 50, 100] });
    expect(history.line('ray-loss', { at: 3 })).toEqual({ x: [], y: [] });
    expect(history.line('ray-loss', { at: 2 }, 9)).toEqual({ x: [0, 5], y: [0, 50] });
    expect(history.latest('loss', {}, 3)).toBe(3);
    expect(history.places('ray-loss')).toEqual([{ at: 2 }]);
  });

  it('forgets from a step on, and goes on from there', () => {
    const history = lived(12);
    history.cut(5);
    expect(history.line('loss').x).toEqual([0, 1, 2, 3, 4]);
    expect(history.line('ray-loss', { at: 2 })).toEqual({ x: [0], y: [0] });
    history.add({ step: 5, loss: 7, accuracy: 1, learningRate: 1, records: [] });
    expect(history.line('loss').y).toEqual([0, 1, 2, 3, 4, 7]);
  });

  it('begins with the past of another, which it then no longer shares', () => {
    const [parent, child] = [lived(12), new History()];
    child.begin(parent, 5);
    child.add({ step: 5, loss: -1, accuracy: 1, learningRate: 1, records: [] });
    expect(child.line('loss').y).toEqual([0, 1, 2, 3, 4, -1]);
    expect(parent.line('loss').y[5]).toBe(5);
  });
});
