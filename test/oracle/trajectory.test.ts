import { describe, expect, it } from 'vitest';
import { Engine } from '../../src/runtime/engine.ts';
import { compile } from '../../src/runtime/program.ts';
import type { OptimiserSettings } from '../../src/train/optimiser.ts';
import { buildStep } from '../../src/train/step-graph.ts';
import { maxDifference } from './errors.ts';
import { type Golden, goldenFiles, largest } from './golden.ts';
import { batch, networkSpec, type Protocol, startingState } from './inputs.ts';
import { mainPrecisions } from './precisions.ts';

interface TrajectoryGolden extends Golden {
  readonly protocol: Protocol & {
    readonly optimiser: OptimiserSettings & { readonly lr: number };
    /** ReLU decisions hang on rounding: two float32 libraries part by more than the tolerance. */
    readonly float64Only: boolean;
  };
  readonly losses: readonly number[];
}

const cases = goldenFiles<TrajectoryGolden>('trajectory').flatMap(([name, golden]) =>
  mainPrecisions
    .filter(({ float }) => float === 'float64' || !golden.protocol.float64Only)
    .map((precision) => ({ name, golden, precision, label: precision.label })),
);

describe('losses along a trajectory of SGD against PyTorch', () => {
  it.each(cases)('$name, $label', async ({ golden, precision }) => {
    const { protocol, losses } = golden;
    const { lr, ...optimiser } = protocol.optimiser;
    const graph = buildStep('step', networkSpec(protocol, precision.float), optimiser);
    const learningRate = precision.float === 'float32' ? Float32Array.of(lr) : Float64Array.of(lr);
    const engine = new Engine(2);
    const found: number[] = [];
    try {
      await engine.load(compile(graph, precision.settings, 'state'));
      engine.write(startingState(graph, protocol.seed, 0));
      for (let step = 0; step < losses.length; step++) {
        const { loss } = await engine.run('step', { ...batch(protocol, step, precision.float), learningRate });
        found.push(Number(loss?.[0]));
      }
    } finally {
      await engine.close();
    }
    const error = maxDifference(found, Float64Array.from(losses)) / largest(losses);
    expect(error).toBeLessThan(precision.trajectory);
  });
});
