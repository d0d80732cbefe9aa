import { describe, expect, it } from 'vitest';
import type { Shape } from '../graph/tensor-type.ts';
import { type ConvolutionName, convolutionNames } from '../runtime/lowering-choice.ts';
import { loadOrt } from '../runtime/node/load-ort.ts';
import { maxDifference } from '../testing/difference.ts';
import { buildGraph, evaluate } from '../testing/evaluate.ts';
import { randomArray } from '../testing/gradcheck.ts';
import { blockedHere } from '../testing/usual-lowering.ts';

/** N, C, H, W; K, R, S; strides; pads [top, left, bottom, right]; pixels from tap to tap and groups, default 1. */
interface Case {
  readonly image: readonly [number, number, number, number];
  readonly kernel: readonly [number, number, number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly dilations?: readonly [number, number];
  readonly group?: number;
}

const same = { strides: [1, 1], pads: [1, 1, 1, 1] } as const;
/** With channels in blocks, for whole batches of blocks, small ones and those in between. */
const blockedCases: readonly (readonly [string, Case])[] = [
  ['8 and 24 channels', { image: [9, 8, 5, 7], kernel: [24, 3, 3], ...same }],
  ['16 images', { image: [16, 16, 8, 7], kernel: [32, 3, 3], ...same }],
  ['5 images', { image: [5, 32, 5, 6], kernel: [48, 3, 3], ...same }],
  ['8 images of one pixel', { image: [8, 16, 1, 1], kernel: [16, 3, 3], ...same }],
  ['19 images', { image: [19, 48, 5, 4], kernel: [32, 3, 3], ...same }],
  ['three channels', { image: [18, 3, 8, 6], kernel: [16, 3, 3], ...same }],
  [
    'three channels, few images, stride 2',
    { image: [6, 3, 7, 6], kernel: [16, 3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
  ],
  ['stride 2, even', { image: [16, 32, 8, 6], kernel: [48, 3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }],
  ['stride 2, odd', { image: [3, 32, 7, 9], kernel: [48, 3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }],
  ['1 × 1', { image: [3, 32, 7, 9], kernel: [48, 1, 1], strides: [1, 1], pads: [0, 0, 0, 0] }],
  ['1 × 1, stride 2', { image: [3, 32, 8, 6], kernel: [48, 1, 1], strides: [2, 2], pads: [0, 0, 0, 0] }],
  ['stride 3 over 2 × 3 taps', { image: [3, 32, 11, 8], kernel: [16, 2, 3], strides: [3, 2], pads: [1, 1, 0, 1] }],
  ['5 × 5', { image: [2, 16, 6, 9], kernel: [16, 5, 5], strides: [1, 1], pads: [2, 2, 2, 2] }],
  ['uneven padding', { image: [2, 16, 6, 7], kernel: [32, 3, 3], strides: [1, 1], pads: [0, 1, 2, 1] }],
  ['no padding', { image: [3, 16, 3, 9], kernel: [16, 3, 3], strides: [1, 1], pads: [0, 0, 0, 0] }],
  ['64 channels', { image: [5, 64, 4, 5], kernel: [80, 3, 3], ...same }],
  ['2 groups', { image: [3, 32, 5, 6], kernel: [64, 3, 3], ...same, group: 2 }],
  ['depthwise', { image: [3, 32, 5, 6], kernel: [32, 3, 3], ...same, group: 32 }],
  [
    'depthwise, stride 2, dilated',
    { image: [2, 16, 9, 8], kernel: [16, 3, 2], strides: [2, 1], pads: [1, 0, 0, 2], dilations: [2, 3], group: 16 },
  ],
  [
    'depthwise, more padding than taps reach',
    { image: [2, 48, 4, 6], kernel: [48, 2, 2], strides: [1, 2], pads: [0, 3, 2, 2], group: 48 },
  ],
  ['dilated', { image: [3, 16, 7, 8], kernel: [32, 3, 3], ...same, dilations: [2, 1] }],
];

/** No processor needs to have blocks for these: they are computed beside blocks, and the layouts of those converted. */
const groupedCases: readonly (readonly [string, Case])[] = [
  ['3 groups', { image: [2, 6, 5, 7], kernel: [9, 3, 3], strides: [1, 2], pads: [1, 0, 2, 1], group: 3 }],
  ['2 groups of 16 and 8', { image: [2, 32, 5, 4], kernel: [16, 3, 3], ...same, group: 2 }],
  ['depthwise', { image: [5, 15, 6, 5], kernel: [15, 3, 3], ...same, group: 15 }],
  ['depthwise, stride 2', { image: [3, 9, 8, 5], kernel: [9, 3, 3], strides: [2, 2], pads: [0, 1, 1, 0], group: 9 }],
  [
    'depthwise, 3 results per channel, uneven',
    { image: [3, 5, 7, 9], kernel: [15, 3, 2], strides: [2, 1], pads: [1, 0, 0, 1], dilations: [2, 3], group: 5 },
  ],
  ['depthwise 5 × 5', { image: [2, 8, 6, 7], kernel: [8, 5, 5], strides: [1, 1], pads: [2, 2, 2, 2], group: 8 }],
  [
    'depthwise, more padding than taps reach',
    { image: [2, 4, 4, 6], kernel: [4, 2, 2], strides: [1, 1], pads: [0, 3, 2, 2], group: 4 },
  ],
  [
    'depthwise on tall images',
    { image: [2, 3, 109, 4], kernel: [3, 3, 3], strides: [2, 1], pads: [1, 2, 0, 1], dilations: [1, 2], group: 3 },
  ],
  ['depthwise along a row', { image: [3, 7, 1, 11], kernel: [7, 1, 3], strides: [1, 2], pads: [0, 0, 0, 2], group: 7 }],
];

const cases: readonly (readonly [string, Case])[] = [
  ['1 pixel', { image: [3, 9, 1, 1], kernel: [8, 3, 3], ...same }],
  ['2 × 1 pixels', { image: [1, 8, 2, 1], kernel: [11, 3, 3], ...same }],
  ['2 × 2 pixels', { image: [5, 8, 2, 2], kernel: [9, 3, 3], ...same }],
  ['3 × 5 pixels', { image: [3, 12, 3, 5], kernel: [8, 3, 3], ...same }],
  ['4 × 4 pixels', { image: [2, 16, 4, 4], kernel: [19, 3, 3], ...same }],
  ['5 × 8 pixels, one image', { image: [1, 10, 5, 8], kernel: [8, 3, 3], ...same }],
  ['8 × 2 pixels', { image: [3, 8, 8, 2], kernel: [8, 3, 3], ...same }],
  ['33 × 17 pixels', { image: [3, 11, 33, 17], kernel: [9, 3, 3], ...same }],
  ['32 × 16 pixels, in blocks', { image: [3, 9, 32, 16], kernel: [8, 3, 3], ...same }],
  ['24 × 7 pixels, in blocks and whole', { image: [2, 8, 24, 7], kernel: [11, 3, 3], ...same }],
  [
    '18 × 15 pixels into 16 × 16, whole',
    { image: [3, 8, 18, 15], kernel: [9, 3, 3], strides: [1, 1], pads: [0, 2, 0, 1] },
  ],
  ['uneven padding', { image: [2, 9, 6, 7], kernel: [8, 3, 3], strides: [1, 1], pads: [0, 1, 2, 1] }],
  ['no padding', { image: [3, 8, 3, 9], kernel: [10, 3, 3], strides: [1, 1], pads: [0, 0, 0, 0] }],
  ['three channels', { image: [5, 3, 9, 6], kernel: [16, 3, 3], ...same }],
  ['three channels, stride 2', { image: [2, 3, 7, 10], kernel: [9, 3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }],
  ['few results', { image: [3, 9, 5, 4], kernel: [2, 3, 3], ...same }],
  ['stride 2, even', { image: [3, 8, 8, 6], kernel: [12, 3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }],
  ['stride 2, odd', { image: [2, 9, 7, 33], kernel: [8, 3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }],
  ['strides 1 and 2', { image: [2, 8, 5, 9], kernel: [9, 3, 3], strides: [1, 2], pads: [1, 0, 1, 2] }],
  ['stride 3 over 2 × 3 taps', { image: [3, 8, 11, 8], kernel: [5, 2, 3], strides: [3, 2], pads: [1, 1, 0, 1] }],
  ['1 × 1', { image: [5, 9, 3, 7], kernel: [11, 1, 1], strides: [1, 1], pads: [0, 0, 0, 0] }],
  ['1 × 1, stride 2', { image: [3, 8, 7, 4], kernel: [16, 1, 1], strides: [2, 2], pads: [0, 0, 0, 0] }],
  ['5 × 5', { image: [2, 8, 6, 9], kernel: [9, 5, 5], strides: [1, 1], pads: [2, 2, 2, 2] }],
  ['dilated', { image: [2, 8, 9, 7], kernel: [9, 3, 3], ...same, dilations: [2, 1] }],
  [
    'dilated by more than a stride',
    { image: [2, 9, 11, 8], kernel: [8, 3, 2], strides: [3, 2], pads: [1, 2, 3, 0], dilations: [2, 3] },
  ],
  [
    'three channels, dilated',
    { image: [2, 3, 9, 8], kernel: [8, 3, 3], strides: [1, 2], pads: [1, 2, 2, 2], dilations: [2, 2] },
  ],
  ...groupedCases,
];

/**
 * Bounds for max |difference| / max |result|, rounding of float32 being 6e-8. A direct sum of n products of size 1 ends
 * near √n with an error near 6e-8 · √n, a few such at its maximum: 1e-6 has room for both. Winograd's transforms add
 * and cancel: F(2,3) grows the error 2 to 4 times, F(4,3) about 10 times (measured at 64 channels: largest 1.6e-6).
 */
const bounds: Readonly<Record<ConvolutionName, number>> = { direct: 1e-6, winograd2: 3e-6, winograd4: 1e-5 };

const size = (shape: Shape): number => shape.reduce((product, length) => product * length, 1);

const forms = [
  ...convolutionNames.map(
    (convolution) => [`portable, ${convolution}`, 'native', { lowering: 'portable', convolution }, cases] as const,
  ),
  ['portable, winograd4, WebAssembly', 'wasm', { lowering: 'portable', convolution: 'winograd4' }, cases] as const,
  ['blocked, in groups', 'native', { lowering: 'blocked', convolution: 'winograd4' }, groupedCases] as const,
  // Blocks need a processor that has them.
  ...(blockedHere === undefined
    ? []
    : [[blockedHere, 'native', { lowering: blockedHere, convolution: 'direct' }, blockedCases] as const]),
];

describe.each(forms)('convolution by %s', (_, runtime, settings, forForm) => {
  it.each(forForm)('has the values and gradients of the definition: %s', async (label, test) => {
    const { image, kernel, ...attrs } = test;
    const { strides, pads, dilations = [1, 1], group = 1 } = attrs;
    const [N, C, H, W] = image;
    const [K, R, S] = kernel;
    const [P, Q] = [
      Math.floor((H + pads[0] + pads[2] - (R - 1) * dilations[0] - 1) / strides[0]) + 1,
      Math.floor((W + pads[1] + pads[3] - (S - 1) * dilations[1] - 1) / strides[1]) + 1,
    ];
    const shapes = { x: [N, C, H, W], w: [K, C / group, R, S], g: [N, K, P, Q] };
    const graph = buildGraph('float32', (b) => {
      const x = b.input('x', shapes.x, { kind: 'data' });
      const w = b.input('w', shapes.w, { kind: 'data' });
      const g = b.input('g', shapes.g, { kind: 'data' });
      return {
        y: b.emit('Conv', [x, w], attrs),
        dx: b.emit('ConvInputGrad', [g, w], { ...attrs, image: [H, W] }),
        dw: b.emit('ConvWeightGrad', [x, g], { ...attrs, kernel: [R, S] }),
      };
    });
    const feed = (name: keyof typeof shapes): Float32Array =>
      Float32Array.from(randomArray(size(shapes[name]), `${label}/${name}`));
    const feeds = { x: feed('x'), w: feed('w'), g: feed('g') };
    const actual = await evaluate(graph, feeds, settings, await loadOrt(runtime));
    const expected = byDefinition(test, [P, Q], feeds);
    const errors = Object.entries(expected).map(([name, values]) => {
      const largest = values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
      return maxDifference(actual[name] as Float32Array, values) / largest;
    });
    expect(Math.max(...errors)).toBeLessThan(bounds[settings.convolution]);
  });
});

/** Loops over every product of the definition, in float64. */
function byDefinition(
  { image: [N, C, H, W], kernel: [K, R, S], strides, pads, dilations = [1, 1], group = 1 }: Case,
  [P, Q]: readonly [number, number],
  { x, w, g }: Readonly<Record<'x' | 'w' | 'g', Float32Array>>,
): Readonly<Record<'y' | 'dx' | 'dw', Float64Array>> {
  const y = new Float64Array(N * K * P * Q);
  const dx = new Float64Array(x.length);
  const dw = new Float64Array(w.length);
  const at = (data: Float32Array, i: number): number => data[i] ?? Number.NaN;
  const add = (data: Float64Array, i: number, value: number): void => {
    data[i] = (data[i] ?? Number.NaN) + value;
  };
  for (let n = 0; n < N; n++) {
    for (let k = 0; k < K; k++) {
      for (let p = 0; p < P; p++) {
        for (let q = 0; q < Q; q++) {
          const result = ((n * K + k) * P + p) * Q + q;
          for (let i = 0; i < C / group; i++) {
            const c = Math.floor(k / (K / group)) * (C / group) + i;
            for (let r = 0; r < R; r++) {
              const h = p * strides[0] + r * dilations[0] - pads[0];
              if (h < 0 || h >= H) continue;
              for (let s = 0; s < S; s++) {
                const v = q * strides[1] + s * dilations[1] - pads[1];
                if (v < 0 || v >= W) continue;
                const pixel = ((n * C + c) * H + h) * W + v;
                const tap = ((k * (C / group) + i) * R + r) * S + s;
                add(y, result, at(x, pixel) * at(w, tap));
                add(dx, pixel, at(g, result) * at(w, tap));
                add(dw, tap, at(g, result) * at(x, pixel));
              }
            }
          }
        }
      }
    }
  }
  return { y, dx, dw };
}
