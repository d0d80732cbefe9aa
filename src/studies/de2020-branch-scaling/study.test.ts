import { describe, expect, it } from 'vitest';
import { cellOf, measuredCells } from '../../../test/studies.ts';
import type { StepRecord } from '../../records/record.ts';
import { evaluate } from '../../testing/evaluate.ts';
import { randomArray } from '../../testing/gradcheck.ts';
import { preActivationGraph, resnetGraph } from './networks.ts';
import { de2020BranchScaling } from './study.ts';

describe('de2020/branch-scaling measures', () => {
  const [images, channels, size] = [5, 3, 2];
  const places = images * size * size;

  /** Kernels of one tap, so that a convolution is a matrix on the channels of each pixel. */
  it.each(['batch', 'none'] as const)('variances of branch and skip, norm %s, as plain loops do', async (norm) => {
    const graph = preActivationGraph(norm, { blocks: 2, images, channels, size, kernel: 1 }, 'float64');
    const feeds = Object.fromEntries(
      graph.inputs.map(({ value }) => [
        value.name,
        value.name.endsWith('gamma')
          ? new Float64Array(channels).fill(1)
          : value.name.endsWith('beta')
            ? new Float64Array(channels)
            : randomArray(
                value.shape.reduce((a, b) => a * b),
                `branch ${value.name}`,
              ),
      ]),
    );
    const fed = graph.inputs.map(({ value }) => ({ value, role: { kind: 'data' } as const }));
    const outputs = await evaluate({ ...graph, inputs: fed }, feeds);

    // Rows: one pixel of one image; columns: channels.
    let x = Array.from({ length: places }, (_, place) => {
      const [image, pixel] = [Math.floor(place / size ** 2), place % size ** 2];
      return Array.from({ length: channels }, (__, c) => feeds['x']?.[(image * channels + c) * size ** 2 + pixel] ?? 0);
    });
    const column = (rows: number[][], c: number): number[] => rows.map((row) => row[c] ?? Number.NaN);
    const moments = (values: number[]): readonly [number, number] => {
      const mean = values.reduce((a, b) => a + b) / values.length;
      return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length];
    };
    const variance = (rows: number[][]): number =>
      Array.from({ length: channels }, (_, c) => moments(column(rows, c))[1]).reduce((a, b) => a + b) / channels;
    for (const block of [1, 2]) {
      let branch = x;
      for (const layer of [1, 2]) {
        const statistics = Array.from({ length: channels }, (_, c) => moments(column(branch, c)));
        const weight = feeds[`block${block}/conv${layer}/weight`] ?? [];
        branch = branch.map((row) => {
          const active = row.map((value, c) => {
            const [mean, spread] = norm === 'none' ? [0, 1] : (statistics[c] ?? [0, 1]);
            return Math.max(0, (value - mean) / Math.sqrt(spread));
          });
          return row.map((_, k) => active.reduce((sum, value, c) => sum + value * (weight[k * channels + c] ?? 0), 0));
        });
      }
      // A few hundred operations in float64.
      expect(Number(outputs[`branch${block}`]?.[0])).toBeCloseTo(variance(branch), 12);
      expect(Number(outputs[`skip${block}`]?.[0])).toBeCloseTo(variance(x), 12);
      x = x.map((row, place) => row.map((value, c) => value + (branch[place]?.[c] ?? Number.NaN)));
    }
  });

  it('all 27 blocks of the ResNet-56', () => {
    expect(resnetGraph('batch', 3, 8).outputs).toHaveLength(54);
    expect(resnetGraph('none', 3, 8).outputs).toHaveLength(54);
  });

  it('another slope where the norm is left out', async () => {
    const set = { seeds: '2', blocks: '12', images: '6', channels: '8', size: '4', resnetImages: '2', resnetSize: '4' };
    const plan = de2020BranchScaling.plan({ budget: 'quick', set });
    const [batch, none] = plan
      .decide(await measuredCells(plan))
      .parts.map(({ pairings }) => pairings[0]?.interval?.mean ?? Number.NaN);
    // Of slopes −1 and 0, each to 0.35: eight channels scatter.
    expect(Math.abs(batch ?? 1)).toBeLessThan(0.35);
    expect(Math.abs(none ?? 1)).toBeLessThan(0.35);
  });
});

describe('de2020/branch-scaling decides', () => {
  const plan = de2020BranchScaling.plan({ budget: 'quick' });
  const records = (power: { readonly batch: number; readonly none: number }): readonly StepRecord[] =>
    (['batch', 'none'] as const).flatMap((arm) =>
      Array.from({ length: 54 }, (_, i) => i + 1).flatMap((at) => {
        const common = { step: 0, layer: 'pre-activation', at, definition: '', mode: 'frozen' as const };
        return [
          { ...common, quantity: `${arm}-branch-variance`, value: 3 * at ** power[arm] },
          { ...common, quantity: `${arm}-skip-variance`, value: 2 },
        ];
      }),
    );
  const verdicts = (batch: readonly number[], none: number): readonly string[] =>
    plan.decide(batch.map((power) => cellOf(records({ batch: power, none })))).parts.map(({ verdict }) => verdict);

  it.each([
    ['reproduced at slopes −1 and 0', [-1, -1.02, -0.98], 0, ['reproduced', 'reproduced']],
    ['not reproduced where the branch keeps its share', [0, 0, 0], 0, ['not-reproduced', 'reproduced']],
    ['not reproduced where it falls as fast without a norm', [-1, -1, -1], -1, ['reproduced', 'not-reproduced']],
    ['inconclusive where seeds disagree', [-1, -1.3, -0.7], 0, ['inconclusive', 'reproduced']],
  ] as const)('%s', (_, batch, none, expected) => {
    expect(verdicts(batch, none)).toEqual(expected);
  });
});
