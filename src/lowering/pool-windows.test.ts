import { describe, expect, it } from 'vitest';
import type { PoolWindows } from '../graph/op-attributes.ts';
import type { FloatType } from '../graph/tensor-type.ts';
import { loadOrt } from '../runtime/node/load-ort.ts';
import { maxDifference } from '../testing/difference.ts';
import { buildGraph, evaluate } from '../testing/evaluate.ts';
import { randomArray } from '../testing/gradcheck.ts';

const [N, C, H, W] = [2, 3, 7, 6] as const;

const cases: readonly (readonly [string, PoolWindows])[] = [
  ['3 × 3, stride 2, padded by 1', { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }],
  ['3 × 3, stride 1', { kernel: [3, 3], strides: [1, 1], pads: [0, 0, 0, 0] }],
  ['2 × 2, stride 3: pixels between windows', { kernel: [2, 2], strides: [3, 3], pads: [0, 0, 0, 0] }],
  ['1 × 4, uneven strides and pads', { kernel: [1, 4], strides: [2, 1], pads: [0, 3, 0, 1] }],
  ['2 × 2, more padding than windows meet', { kernel: [2, 2], strides: [2, 2], pads: [0, 1, 2, 2] }],
  ['2 × 3 places apart', { kernel: [2, 3], strides: [1, 2], pads: [1, 1, 0, 2], dilations: [3, 2] }],
];

const forms: readonly (readonly [string, FloatType, 'reference' | 'portable' | 'blocked', 'native' | 'wasm'])[] = [
  ['the reference in float64', 'float64', 'reference', 'native'],
  ['the portable lowering', 'float32', 'portable', 'native'],
  ['the blocked lowering', 'float32', 'blocked', 'native'],
  ['WebAssembly', 'float32', 'portable', 'wasm'],
];

/** What pooling, its gradient and its tangent are, written out: for each window the first of its largest pixels. */
function byDefinition(
  { kernel, strides, pads, dilations = [1, 1] }: PoolWindows,
  x: Float64Array,
  g: Float64Array,
  v: Float64Array,
): { readonly y: number[]; readonly dx: number[]; readonly selected: number[] } {
  const [y, selected]: [number[], number[]] = [[], []];
  const dx = Array.from(x, () => 0);
  const count = (size: number, axis: 0 | 1): number =>
    Math.floor((size + pads[axis] + (pads[axis + 2] ?? 0) - (kernel[axis] - 1) * dilations[axis] - 1) / strides[axis]) +
    1;
  for (let plane = 0; plane < N * C; plane++) {
    for (let p = 0; p < count(H, 0); p++) {
      for (let q = 0; q < count(W, 1); q++) {
        const places: number[] = [];
        for (let r = 0; r < kernel[0]; r++) {
          for (let s = 0; s < kernel[1]; s++) {
            const row = p * strides[0] + r * dilations[0] - pads[0];
            const column = q * strides[1] + s * dilations[1] - pads[1];
            if (row >= 0 && row < H && column >= 0 && column < W) places.push((plane * H + row) * W + column);
          }
        }
        const largest = Math.max(...places.map((place) => x[place] ?? Number.NaN));
        const first = places.find((place) => x[place] === largest) ?? -1;
        dx[first] = (dx[first] ?? Number.NaN) + (g[y.length] ?? Number.NaN);
        selected.push(v[first] ?? Number.NaN);
        y.push(largest);
      }
    }
  }
  return { y, dx, selected };
}

describe.each(forms)('pooling windows by %s', (_, float, lowering, runtime) => {
  it.each(cases)('%s: values, gradient and tangent are as defined, ties included', async (label, windows) => {
    // Few different numbers, negative ones alone in the first row of pixels: many windows have several largest pixels, and
    // zeros of the padding would win in some.
    const x = randomArray(N * C * H * W, label, -4, 2).map((value, i) => (i % (H * W) < W ? -3 : Math.ceil(value) + 0));
    const v = randomArray(x.length, `${label}/v`).map(Math.fround);
    const graph = buildGraph(float, (b) => {
      const [image, tangent] = [
        b.input('x', [N, C, H, W], { kind: 'data' }),
        b.input('v', [N, C, H, W], { kind: 'data' }),
      ];
      const y = b.emit('MaxPool', [image], windows);
      const g = b.input('g', y.shape, { kind: 'data' });
      return {
        y,
        dx: b.emit('MaxPoolGrad', [image, g], windows),
        selected: b.emit('MaxPoolSelect', [image, tangent], windows),
      };
    });
    const pooled = graph.outputs[0]?.value.shape.reduce((product, size) => product * size, 1) ?? 0;
    // Eighths, whose sums are exact.
    const g = randomArray(pooled, `${label}/g`, -8, 8).map((value) => Math.round(value) / 8);
    const data = (list: Float64Array): Float32Array | Float64Array =>
      float === 'float32' ? Float32Array.from(list) : list;
    const settings = lowering === 'reference' ? { lowering } : { lowering, convolution: 'direct' as const };
    const found = await evaluate(graph, { x: data(x), g: data(g), v: data(v) }, settings, await loadOrt(runtime));
    const expected = byDefinition(windows, x, g, v);
    for (const [name, values] of Object.entries(expected)) {
      expect(maxDifference(found[name] as Float64Array, values), name).toBe(0);
    }
  });
});
