import { describe, expect, it } from 'vitest';
import { threadlessDevice } from '../../src/runtime/node/node-device.ts';
import { type SgdSettings, sgd } from '../../src/train/optimisers/sgd.ts';
import { buildStep } from '../../src/train/step-graph.ts';
import { maxDifference } from './errors.ts';
import { type Golden, goldenFiles, largest } from './golden.ts';
import { batch, problemOf, type Protocol, startingState } from './inputs.ts';
import { mainPrecisions } from './precisions.ts';

interface TrajectoryGolden extends Golden {
  readonly protocol: Protocol & {
    readonly optimiser: Omit<SgdSettings, 'kind'> & { readonly lr: number };
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
    const graph = buildStep('step', problemOf(protocol, precision.float), protocol.images[0], sgd(optimiser));
    const learningRate = precision.float === 'float32' ? Float32Array.of(lr) : Float64Array.of(lr);
    const device = threadlessDevice({ ...precision.settings, threads: 2 });
    const found: number[] = [];
    try {
      const program = await device.load(graph, 'state');
      await device.write(startingState(graph, protocol.seed, 0));
      for (let step = 0; step < losses.length; step++) {
        const { loss } = await program.run({ ...batch(protocol, step, precision.float), learningRate });
        found.push(Number(loss?.[0]));
      }
    } finally {
      await device.close();
    }
    const error = maxDifference(found, Float64Array.from(losses)) / largest(losses);
    expect(error).toBeLessThan(precision.trajectory);
  });
});
