import { describe, expect, it } from 'vitest';
import type { StepRecord } from '../../records/record.ts';
import { explosionFigures } from './explosion.ts';

const record = (quantity: string, step: number, layer: string, value: number): StepRecord => ({
  step,
  quantity,
  layer,
  value,
  definition: '',
  mode: 'train',
});

/** Three layers at so many steps. */
const sizes = (quantity: string, steps: number, of: (step: number, layer: number) => number): StepRecord[] =>
  Array.from({ length: steps }, (_, step) =>
    [1, 2, 3].map((layer) => record(quantity, step, `conv${layer}`, of(step, layer))),
  ).flat();

describe('a map of sizes', () => {
  it('marks the first layer that is a thousand times its own start', () => {
    const records = sizes('activation-std', 5, (step, layer) => (layer === 2 ? 7 * 11 ** step : layer));
    const [figure] = explosionFigures(records);
    expect(figure?.caption).toContain('is conv2 at step 3');
    expect(figure?.marks[1]).toEqual({ mark: 'dot', arm: 'first to explode', x: [3], y: [1] });
    expect(figure?.y.categories).toEqual(['conv1', 'conv2', 'conv3']);
  });

  it('follows the signal forwards and the gradient backwards where several explode at one step', () => {
    const all = (quantity: string) =>
      explosionFigures(sizes(quantity, 3, (step) => (step === 2 ? Number.NaN : 1)))[0]?.caption;
    expect(all('activation-std')).toContain('is conv1 at step 2');
    expect(all('gradient-std')).toContain('is conv3 at step 2');
  });

  it('takes what a layer begins with behind zeros, as the gradients of a branch that begins at nothing', () => {
    const late = (growth: number) =>
      explosionFigures(sizes('gradient-std', 4, (step, layer) => (layer === 2 ? step * growth ** step : 1)))[0]
        ?.caption;
    expect(late(2)).toContain('None grows to 1000 times');
    expect(late(40)).toContain('is conv2 at step 3');
  });

  it('says where nothing explodes, and leaves biases and shifts out', () => {
    const records = [
      ...sizes('gradient-std', 4, () => 2),
      record('gradient-std', 0, 'conv1/bias', 1),
      record('gradient-std', 1, 'conv1/bias', 1e9),
    ];
    const [figure] = explosionFigures(records);
    expect(figure?.caption).toContain('None grows to 1000 times what it was at step 0');
    expect(figure?.marks).toHaveLength(1);
    expect(figure?.y.categories).toHaveLength(3);
  });

  it('keeps the last steps of a long training', () => {
    const [figure] = explosionFigures(sizes('activation-std', 900, () => 1));
    const [cells] = figure?.marks ?? [];
    const columns = new Set(cells?.mark === 'cell' ? cells.x : []);
    expect(columns.size).toBeLessThanOrEqual(60);
    expect([890, 895, 899].every((step) => columns.has(step))).toBe(true);
  });

  it('is not made of one step or one layer', () => {
    expect(explosionFigures(sizes('activation-std', 1, () => 1))).toEqual([]);
    expect(explosionFigures([record('gradient-std', 0, 'a', 1), record('gradient-std', 1, 'a', 1)])).toEqual([]);
  });
});
