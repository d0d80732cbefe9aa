import { describe, expect, it } from 'vitest';
import { add, mul } from '../../graph/arithmetic.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import { createStream } from '../../math/random.ts';
import { newNetwork } from '../../nn/network.ts';
import { norms } from '../../norms/index.ts';
import { defaultNormSettings } from '../../norms/norm.ts';
import { ops } from '../../ops/index.ts';
import type { StepRecord } from '../../records/record.ts';
import { Records } from '../../records/records.ts';
import { openProgram } from '../../testing/evaluate.ts';
import { driftOf } from './drift.ts';

const [N, C, H, W, STEPS] = [24, 64, 5, 3, 12];
const about = { definition: 'made up', mode: 'train' } as const;

/** Mean and variance of every channel, as the probe of units records them. */
function momentsOf(y: Float32Array, step: number): readonly StepRecord[] {
  return Array.from({ length: C }, (_, unit) => {
    const values = Array.from(y).filter((_value, i) => Math.floor(i / (H * W)) % C === unit);
    const centre = values.reduce((sum, v) => sum + v, 0) / values.length;
    const variance = values.reduce((sum, v) => sum + (v - centre) * (v - centre), 0) / values.length;
    const place = { layer: 'conv1', place: { unit }, step, ...about };
    return [
      { quantity: 'unit-mean', value: centre, ...place },
      { quantity: 'unit-variance', value: variance, ...place },
    ];
  }).flat();
}

/** Noise behind values that are normal already, over some steps. */
async function drift(layer: (g: GraphBuilder, x: Value) => Value, stepOf = (step: number) => step) {
  const g = new GraphBuilder(ops);
  const x = g.input('x', [N, C, H, W], { kind: 'data' });
  const graph = g.finish('noise', { y: layer(g, x) });
  const inputs = graph.inputs.map(({ value, role }) => ({
    value,
    role: role.kind === 'random' ? role : ({ kind: 'data' } as const),
  }));
  const program = await openProgram({ ...graph, inputs });
  const x0 = new Float32Array(N * C * H * W);
  createStream({ seed: 1, purpose: 'probe' }).fillNormal(x0, 0, 1);
  const feeds = Object.fromEntries(
    graph.inputs.flatMap(({ value: { name, shape } }) => {
      const size = shape.reduce((a, b) => a * b, 1);
      if (name === 'x') return [[name, x0]];
      if (name.endsWith('/gamma') || name.endsWith('/runningVariance')) return [[name, new Float32Array(size).fill(1)]];
      return name.endsWith('/beta') || name.endsWith('/runningMean') ? [[name, new Float32Array(size)]] : [];
    }),
  );
  const records: StepRecord[] = [];
  for (let step = 0; step < STEPS; step++) {
    const { y } = await program.run(feeds, { seed: 5, step: stepOf(step) });
    records.push(...momentsOf(y as Float32Array, step));
  }
  await program.close();
  return driftOf(new Records(records));
}

const noisy = (g: GraphBuilder, x: Value): Value =>
  norms['noisy-batch'].build(newNetwork(g, 'train'), 'layer', x, defaultNormSettings);

describe('the noise behind batch norm', () => {
  // Of two uniform numbers in ±1/2 the distance has the median 1 − √½ and the mean 1/3; 700 pairs leave 4 % of it.
  const expected = 1 - Math.SQRT1_2;

  it('moves the means of channels of variance 1 from step to step as Algorithm 1 says', async () => {
    const { mean, variance } = await drift(noisy);
    expect(Math.abs(mean / expected - 1)).toBeLessThan(0.12);
    // σ² of U(1, 1.25) spans 0.5625: the distance between two of them has a median of about 0.16.
    expect(variance).toBeGreaterThan(0.1);
    expect(variance).toBeLessThan(0.25);
  });

  it('would not where it were drawn once', async () => {
    expect(await drift(noisy, () => 0)).toMatchObject({ mean: 0, variance: 0 });
  });

  // What the layer's own noise does where its centres are drawn for other things than a channel and step.
  it.each([
    ['each image', [N, 1, 1, 1], 0.5],
    ['each image and channel', [N, C, 1, 1], 0.5],
    ['each value', [N, C, H, W], 0.1],
  ] as const)('would not where %s had a centre of its own', async (_, shape, share) => {
    const wrong = (g: GraphBuilder, x: Value): Value => {
      const role = { kind: 'random', distribution: 'uniform', width: 1, stream: 'a' } as const;
      return add(g, mul(g, x, 1.125), g.input('noise', shape, role));
    };
    // A mean over 24 images leaves a fifth of the spread of their centres, one over 360 values a twentieth.
    expect((await drift(wrong)).mean).toBeLessThan(share * expected);
  });
});

describe('driftOf()', () => {
  it('takes medians over units and steps of |Δmean|, |Δvariance|, and of |Δmean| in standard deviations', () => {
    const unit = (id: number, means: readonly number[], variance: number): StepRecord[] =>
      means.flatMap((value, step) => [
        { quantity: 'unit-mean', value, layer: 'a', place: { unit: id }, step, ...about },
        { quantity: 'unit-variance', value: variance + step, layer: 'a', place: { unit: id }, step, ...about },
      ]);
    const records = [...unit(0, [0, 2, -1], 4), ...unit(7, [5, 4, 4], 1)];
    // |Δmean|: 2, 3, 1, 0; over √4, √5, √1, √2.
    expect(driftOf(new Records(records))).toEqual({
      mean: 1.5,
      variance: 1,
      relativeMean: 1,
    });
  });
});
