import { describe, expect, it } from 'vitest';
import { SettingError, UnsupportedOpError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { classifier } from '../problems/classifier.ts';
import { webgpuOrt } from '../runtime/node/webgpu-ort.ts';
import { buildGraph, evaluate } from '../testing/evaluate.ts';
import { randomArray } from '../testing/gradcheck.ts';
import { sgd } from '../train/optimisers/sgd.ts';
import { buildStep } from '../train/step-graph.ts';
import { lowerWebgpu } from './webgpu.ts';

const webgpu = { lowering: 'webgpu' } as const;

const casting = (axis: number, isReadAsWhole = false): Graph =>
  buildGraph('float32', (g) => {
    const place = g.emit('ArgMax', [g.input('x', [3, 5, 4], { kind: 'data' })], { axis });
    const narrow = g.emit('Cast', [place], { to: 'int32' });
    return isReadAsWhole ? { narrow, place } : { narrow };
  });

/** Where each of the two other indices has its first maximum along an axis of [3, 5, 4]. */
function firstMaxima(x: Float32Array, axis: 0 | 1 | 2): number[] {
  const [sizes, strides] = [
    [3, 5, 4],
    [20, 4, 1],
  ] as const;
  const [a, b] = ([0, 1, 2] as const).filter((other) => other !== axis) as [0 | 1 | 2, 0 | 1 | 2];
  const places: number[] = [];
  for (let i = 0; i < sizes[a]; i++) {
    for (let j = 0; j < sizes[b]; j++) {
      const line = Array.from(
        { length: sizes[axis] },
        (_, k) => x[i * strides[a] + j * strides[b] + k * strides[axis]],
      );
      places.push(line.indexOf(Math.max(...line.map(Number))));
    }
  }
  return places;
}

describe('lowerWebgpu()', () => {
  it.each([0, 1, -1])(
    'computes the logarithms of a softmax along axis %i, of numbers whose exponentials overflow',
    async (axis) => {
      const shape = [7, 5] as const;
      const x = Float32Array.from(randomArray(35, 'x', -300, 300));
      const graph = buildGraph('float32', (g) => ({
        y: g.emit('LogSoftmax', [g.input('x', shape, { kind: 'data' })], { axis }),
      }));
      const { y } = await evaluate(graph, { x }, webgpu);
      const along = (i: number): readonly number[] =>
        axis === 0
          ? Array.from(x).filter((_, k) => k % 5 === i % 5)
          : Array.from(x).slice(i - (i % 5), i - (i % 5) + 5);
      const expected = Array.from(x, (value, i) => {
        const top = Math.max(...along(i));
        return value - top - Math.log(along(i).reduce((sum, other) => sum + Math.exp(other - top), 0));
      });
      // Numbers of some hundreds are rounded by 3e-5 where they are subtracted.
      expected.forEach((value, i) => expect(Math.abs(Number(y?.[i]) - value)).toBeLessThan(1e-4));
    },
  );

  it.each([0, 1, 2] as const)('finds the first maximum along axis %i, of equal ones too', async (axis) => {
    // Of nine values on 60 places, most maxima are there more than once.
    const x = Float32Array.from(randomArray(60, 'places'), (value) => Math.round(4 * value));
    const { narrow } = await evaluate(casting(axis), { x }, webgpu);
    expect(Array.from(narrow ?? [], Number)).toEqual(firstMaxima(x, axis));
  });

  it('has no int64 but where it is asked for', async () => {
    expect(lowerWebgpu(casting(1)).nodes.map(({ op }) => op)).not.toContain('ArgMax');
    expect(lowerWebgpu(casting(1, true)).nodes.map(({ op }) => op)).toContain('ArgMax');
    const x = Float32Array.from(randomArray(60, 'places'));
    const { narrow, place } = await evaluate(casting(1, true), { x }, webgpu);
    expect(place).toBeInstanceOf(BigInt64Array);
    expect(Array.from(place ?? [], Number)).toEqual(Array.from(narrow ?? [], Number));
  });

  it.each(['mlp', 'vgg11', 'resnet20'] as const)(
    'has nothing in a step of %s that the provider leaves to the processor',
    (model) => {
      const problem = classifier(model, { input: [3, 32, 32], norm: 'batch', width: 0.25 });
      const { nodes } = lowerWebgpu(buildStep('step', problem, 3, sgd({ momentum: 0.9 })));
      expect(nodes.length).toBeGreaterThan(100);
      const isLeft = nodes.filter(
        ({ op, domain, inputs, outputs }) =>
          domain !== '' ||
          op === 'LogSoftmax' ||
          (op === 'Cast' && [...inputs, ...outputs].some(({ dtype }) => dtype === 'int64' || dtype === 'float64')),
      );
      expect(isLeft).toEqual([]);
    },
  );

  it('takes no ConvTranspose for convolutions in groups', () => {
    const shapes = { group: 3, strides: [1, 1], pads: [0, 0, 0, 0], image: [5, 4] } as const;
    const graph = buildGraph('float32', (g) => {
      const gradient = g.input('g', [2, 6, 4, 3], { kind: 'data' });
      return { dx: g.emit('ConvInputGrad', [gradient, g.input('w', [6, 1, 2, 2], { kind: 'data' })], shapes) };
    });
    expect(lowerWebgpu(graph).nodes.map(({ op }) => op)).not.toContain('ConvTranspose');
  });

  it('refuses float64, and windows of a pool that share pixels', () => {
    expect(() => lowerWebgpu(buildGraph('float64', (g) => ({ y: g.input('x', [3], { kind: 'data' }) })))).toThrow(
      new UnsupportedOpError(
        "WebGPU computes in float32, got 'test' in float64; use lowering 'reference', on the processor",
      ),
    );
    const windows = { kernel: [3, 2], strides: [2, 1], pads: [0, 0, 0, 0] } as const;
    const pooled = buildGraph('float32', (g) => {
      const x = g.input('x', [2, 3, 7, 5], { kind: 'data' });
      return { dx: g.emit('MaxPoolGrad', [x, g.input('g', [2, 3, 3, 4], { kind: 'data' })], windows) };
    });
    expect(() => lowerWebgpu(pooled)).toThrow(/pools of windows side by side, got 3 × 2 by strides of 2 × 1 in 'test'/);
  });
});

describe('webgpuOrt()', () => {
  it('says what an ONNX Runtime offers that has no WebGPU', () => {
    expect(() => webgpuOrt(['cpu', 'cuda'])).toThrow(
      new SettingError(
        'Device webgpu must be among what ONNX Runtime offers here, got cpu, cuda; compute on the processor instead',
      ),
    );
  });
});
