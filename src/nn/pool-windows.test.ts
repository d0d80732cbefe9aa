import { describe, expect, it } from 'vitest';
import type { PoolWindows } from '../graph/op-attributes.ts';
import { maxDifference } from '../testing/difference.ts';
import { buildGraph, evaluate } from '../testing/evaluate.ts';
import { randomArray } from '../testing/gradcheck.ts';
import { averagePool, ceilWindows } from './pool-windows.ts';

const [N, C, H, W] = [2, 3, 7, 6] as const;
const x = randomArray(N * C * H * W, 'x').map(Math.fround);

const cases: readonly (readonly [string, PoolWindows])[] = [
  ['3 × 3, stride 2, padded by 1', { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }],
  ['2 × 2, side by side', { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] }],
  ['1 × 4, uneven strides and pads', { kernel: [1, 4], strides: [2, 1], pads: [0, 3, 0, 1] }],
  ['4 × 3, far apart', { kernel: [4, 3], strides: [5, 4], pads: [2, 0, 1, 0] }],
  ['2 × 3 places apart', { kernel: [2, 3], strides: [1, 2], pads: [1, 1, 0, 2], dilations: [3, 2] }],
];
const settings = [true, false].flatMap((countIncludePad) =>
  [true, false].map((ceilMode) => ({ countIncludePad, ceilMode })),
);

/** Window by window, pixel by pixel. With `ceilMode`, a last window that begins before the image ends may end after it. */
function byDefinition(
  { kernel, strides, pads, dilations = [1, 1] }: PoolWindows,
  { countIncludePad, ceilMode }: (typeof settings)[number],
): readonly number[] {
  const starts = (size: number, axis: 0 | 1): readonly number[] => {
    const end = size + (pads[axis + 2] ?? 0);
    const list: number[] = [];
    for (let start = -pads[axis]; ; start += strides[axis]) {
      const fits = start + (kernel[axis] - 1) * dilations[axis] < end;
      const isCut = ceilMode && start < size && start - strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1 < end;
      if (!fits && !isCut) return list;
      list.push(start);
    }
  };
  const y: number[] = [];
  for (let plane = 0; plane < N * C; plane++) {
    for (const top of starts(H, 0)) {
      for (const left of starts(W, 1)) {
        let [sum, count] = [0, 0];
        for (let r = 0; r < kernel[0]; r++) {
          for (let s = 0; s < kernel[1]; s++) {
            const [row, column] = [top + r * dilations[0], left + s * dilations[1]];
            const isPixel = row >= 0 && row < H && column >= 0 && column < W;
            if (isPixel) sum += x[(plane * H + row) * W + column] ?? Number.NaN;
            if (countIncludePad ? row < H + pads[2] && column < W + pads[3] : isPixel) count++;
          }
        }
        y.push(sum / count);
      }
    }
  }
  return y;
}

describe('averagePool()', () => {
  it.each(cases)('is the mean of each window, with padding and without: %s', async (_, windows) => {
    for (const float of ['float64', 'float32'] as const) {
      const graph = buildGraph(float, (g) => {
        const image = g.input('x', [N, C, H, W], { kind: 'data' });
        return Object.fromEntries(settings.map((each, i) => [`y${i}`, averagePool(g, image, windows, each)]));
      });
      const data = float === 'float64' ? x : Float32Array.from(x);
      const lowering =
        float === 'float64' ? { lowering: 'reference' } : { lowering: 'portable', convolution: 'direct' };
      const found = await evaluate(graph, { x: data }, lowering as Parameters<typeof evaluate>[2]);
      for (const [i, each] of settings.entries()) {
        // A few roundings of numbers below 1.
        const error = maxDifference(found[`y${i}`] as Float64Array, byDefinition(windows, each));
        expect(error, JSON.stringify(each)).toBeLessThan(float === 'float64' ? 1e-15 : 1e-6);
      }
    }
  });
});

describe('ceilWindows()', () => {
  const at = (size: number, kernel: number, stride: number, pad: number): readonly number[] =>
    ceilWindows([1, 1, size, 100], {
      kernel: [kernel, 1],
      strides: [stride, 1],
      pads: [pad, 0, pad, 0],
    }).pads;

  it('pads what lets the last window end', () => {
    expect(at(6, 3, 2, 0)).toEqual([0, 0, 1, 0]);
    expect(at(7, 3, 2, 0)).toEqual([0, 0, 0, 0]);
    expect(at(8, 2, 3, 0)).toEqual([0, 0, 0, 0]);
    expect(at(7, 2, 3, 0)).toEqual([0, 0, 1, 0]);
  });

  it('adds no window that begins behind the image', () => {
    expect(at(4, 1, 3, 0)).toEqual([0, 0, 0, 0]);
    expect(at(5, 1, 3, 0)).toEqual([0, 0, 0, 0]);
    expect(at(4, 2, 2, 1)).toEqual([1, 0, 1, 0]);
  });
});
