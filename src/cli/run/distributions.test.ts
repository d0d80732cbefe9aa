import { describe, expect, it } from 'vitest';
import { binCentre } from '../../records/histogram.ts';
import type { StepRecord } from '../../records/record.ts';
import { distributionFigures } from './distributions.ts';

const about = { definition: 'made up', mode: 'train' } as const;
const steps = [0, 10, 20];

/** Histograms of some values of a layer. */
function histograms(quantity: string, layer: string, values = 1000): StepRecord[] {
  return steps.flatMap((step) => [
    { ...about, step, layer, quantity: `${quantity}-largest`, value: 2 },
    ...[31, 32, 33].map((bin) => ({
      ...about,
      step,
      layer,
      quantity: `${quantity}-count`,
      at: binCentre(bin),
      value: values / 3,
    })),
  ]);
}

function percentiles(layer: string, place: StepRecord['place'] = {}): StepRecord[] {
  return steps.flatMap((step) =>
    [15, 50, 85].map((at) => ({ ...about, step, layer, at, place, quantity: 'activation-percentile', value: at })),
  );
}

const idsOf = (records: readonly StepRecord[]) => {
  const { rows, folded } = distributionFigures(records, 'batch');
  return { rows: rows.map((row) => row.map(({ id }) => id)), folded: folded.map(({ id }) => id) };
};

describe('distributionFigures()', () => {
  it('shows the first, the middle and the last layer, and folds the others', () => {
    const layers = Array.from({ length: 8 }, (_, i) => `conv${i + 1}`);
    const { rows, folded } = idsOf(layers.flatMap((layer) => histograms('activation', layer)));
    expect(rows).toEqual([
      [1, 4, 8].map((layer) => `ridgeline-activation-conv${layer}`),
      [1, 4, 8].map((layer) => `percentiles-conv${layer}`),
    ]);
    expect(folded).toHaveLength(10);
  });

  it('prefers percentiles that were measured to those in histograms, and has units by themselves', () => {
    const measured = [...percentiles('a'), ...percentiles('b', { unit: 3 })];
    const { rows } = distributionFigures([...measured, ...histograms('activation', 'a')], 'batch');
    const captions = rows.flat().map(({ title, caption }) => [title, caption.includes('read off histograms')]);
    expect(captions).toEqual([
      ['Activation of a', false],
      ['Percentiles of a', false],
      ['Percentiles of b, unit 3', false],
    ]);
  });

  it('has gradients in a row of their own, without those of too few entries for an outline', () => {
    const { rows } = idsOf([
      ...histograms('gradient', 'a/weight'),
      ...histograms('gradient', 'a/bias', 100),
      ...histograms('activation', 'a'),
    ]);
    expect(rows).toEqual([['ridgeline-gradient-a/weight'], ['ridgeline-activation-a'], ['percentiles-a']]);
  });

  it('has none of other records', () => {
    expect(idsOf([{ ...about, step: 0, quantity: 'loss', value: 1 }])).toEqual({ rows: [], folded: [] });
  });
});
