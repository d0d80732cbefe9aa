import { describe, expect, it } from 'vitest';
import { cellOf, measuredCells } from '../../../test/studies.ts';
import type { StepRecord } from '../../records/record.ts';
import { evaluate } from '../../testing/evaluate.ts';
import { randomArray } from '../../testing/gradcheck.ts';
import { architectures, batchesOf, type ArchitectureName, networkGraph } from './measure.ts';
import { yang2019GradientExplosion } from './study.ts';
import { growth, RELU_LIMIT } from './theory.ts';

const plan = yang2019GradientExplosion.plan({ budget: 'quick' });
const protocol = { seeds: 5, width: 1000, depth: 20, batches: [8, 32, 128], from: 4, until: 18 };

describe('growth()', () => {
  it.each([
    [8, 1.788],
    [16, 1.59],
    [32, 1.522],
    [64, 1.493],
    [128, 1.48],
    [256, 1.473],
  ])('is, for ReLU and batches of %i, the published %f', (batch, published) => {
    expect(growth('relu', batch)).toBeCloseTo(published, 3);
  });

  it('nears π/(π − 1) with ReLU and 1 without, for large batches', () => {
    expect(growth('relu', 1e6)).toBeCloseTo(RELU_LIMIT, 5);
    expect(growth('identity', 1e6)).toBeCloseTo(1, 5);
  });
});

describe('yang2019/gradient-explosion measures', () => {
  /** The network in plain loops, and ∂L/∂x by central differences. */
  it.each(Object.entries(architectures))('the gradient of the network %s', async (_, architecture) => {
    const [batch, width, depth] = [5, 4, 2];
    const graph = networkGraph(architecture, { ...protocol, width, depth }, batch);
    const feeds = Object.fromEntries(
      ['x', 'cotangent', 'dense1/weight', 'dense2/weight'].map((name) => [
        name,
        randomArray(name.endsWith('weight') ? width * width : batch * width, `explosion ${name}`),
      ]),
    );
    const float32 = Object.fromEntries(Object.entries(feeds).map(([name, data]) => [name, Float32Array.from(data)]));
    const fed = graph.inputs.map(({ value }) => ({ value, role: { kind: 'data' } as const }));
    const { h0 } = await evaluate({ ...graph, inputs: fed }, float32);
    const at = (name: string, i: number): number => feeds[name]?.[i] ?? Number.NaN;
    const loss = (x: ArrayLike<number>): number => {
      let h = Array.from(x);
      for (let layer = 1; layer <= depth; layer++) {
        const y = Array.from({ length: batch * width }, (__, place) => {
          const [n, unit] = [Math.floor(place / width), place % width];
          let sum = 0;
          for (let i = 0; i < width; i++) sum += (h[n * width + i] ?? 0) * at(`dense${layer}/weight`, i * width + unit);
          return sum;
        });
        const normed = y.map((value, place) => {
          if (architecture.norm === 'none') return value;
          const column = y.filter((___, other) => other % width === place % width);
          const mean = column.reduce((a, b) => a + b) / batch;
          return (value - mean) / Math.sqrt(column.reduce((sum, b) => sum + (b - mean) ** 2, 0) / batch);
        });
        h = architecture.nonlinearity === 'relu' ? normed.map((value) => Math.max(value, 0)) : normed;
      }
      return h.reduce((sum, value, i) => sum + value * at('cotangent', i), 0);
    };
    const x = Array.from(feeds['x'] ?? []);
    let square = 0;
    for (let i = 0; i < x.length; i++) {
      const moved = (by: number): number => loss(x.map((value, other) => (other === i ? value + by : value)));
      square += ((moved(1e-5) - moved(-1e-5)) / 2e-5) ** 2;
    }
    // The graph is float32: relative 6e-8 per operation, a hundred of them and divisions by small deviations.
    expect(Number(h0?.[0]) / square).toBeCloseTo(1, 4);
  });

  it('growth near theory in a network of 200 units, and none without a norm', async () => {
    const set = { seeds: '3', width: '200', depth: '14', until: '12', batches: '8,32' };
    const cells = await measuredCells(yang2019GradientExplosion.plan({ budget: 'quick', set }));
    const { parts } = yang2019GradientExplosion.plan({ budget: 'quick', set }).decide(cells);
    // Narrow networks scatter: each rate within 15 %, a third of what tells ReLU from no non-linearity at batch 32.
    for (const { pairings } of parts.slice(0, 4)) expect(Math.abs(pairings[0]?.interval?.mean ?? 1)).toBeLessThan(0.15);
    expect(Math.abs(parts.at(-1)?.pairings[0]?.interval?.mean ?? 1)).toBeLessThan(0.1);
  }, 30_000);
});

describe('yang2019/gradient-explosion decides', () => {
  const theory = (name: ArchitectureName, batch: number): number =>
    ({ relu: growth('relu', batch), linear: growth('identity', batch), 'relu-without-norm': 1 })[name];
  /** Gradients that grow as theory has it, times a factor; the ends are transients. */
  const verdicts = (factor: (name: ArchitectureName, batch: number, seed: number) => number): readonly string[] =>
    plan
      .decide(
        [0, 1, 2, 3, 4].map((seed) =>
          cellOf(
            (Object.keys(architectures) as ArchitectureName[]).flatMap((name) =>
              batchesOf(name, protocol).flatMap((at) =>
                Array.from({ length: 21 }, (_, layer): StepRecord => {
                  const rate = theory(name, at) * factor(name, at, seed);
                  const value = layer < 4 || layer > 18 ? 1 : 1e-3 * rate ** (20 - layer);
                  return {
                    step: 0,
                    quantity: `${name}-gradient`,
                    value,
                    at,
                    layer: `h${layer}`,
                    definition: '',
                    mode: 'frozen',
                  };
                }),
              ),
            ),
          ),
        ),
      )
      .parts.map(({ verdict }) => verdict);
  const all = Array.from({ length: 8 }, () => 'reproduced');

  it('reproduced where the rates are those of theory', () => {
    expect(verdicts(() => 1)).toEqual(all);
    expect(verdicts((_, __, seed) => 1 + 0.01 * (seed - 2))).toEqual(all);
  });

  it.each([
    ['a rate 6 % above', 'relu', 8, 1.06, 0],
    ['a rate 6 % below', 'linear', 128, 0.94, 5],
    ['a gradient that grows without a norm', 'relu-without-norm', 128, 1.04, 7],
  ] as const)('not reproduced for %s', (_, name, batch, factor, part) => {
    expect(verdicts((of, at) => (of === name && at === batch ? factor : 1))).toEqual(all.with(part, 'not-reproduced'));
  });

  it('not reproduced in both parts for the rate of the linear network in place of ReLU’s', () => {
    expect(
      verdicts((of, at) => (of === 'relu' && at === 32 ? growth('identity', 32) / growth('relu', 32) : 1)),
    ).toEqual(all.with(1, 'not-reproduced').with(6, 'not-reproduced'));
  });

  it('inconclusive where seeds disagree', () => {
    expect(verdicts((of, at, seed) => (of === 'relu' && at === 32 ? 1 + 0.08 * (seed - 2) : 1))[1]).toBe(
      'inconclusive',
    );
  });
});
