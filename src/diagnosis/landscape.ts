/** @file The loss along the step of gradient descent, and the sharpness that bounds its rate. */

import { openHessian } from '../curvature/hessian.ts';
import { lanczos } from '../curvature/lanczos.ts';
import { probe } from '../probes/index.ts';
import { sgd } from '../train/optimisers/sgd.ts';
import { openSession } from '../train/session.ts';
import type { Instruments } from './instruments.ts';
import type { State } from './subject.ts';
import { MOST_EXAMPLES } from './trials.ts';

export interface Landscape {
  /** Loss on a batch, by its own statistics, at the weights moved by `s` times the gradient against it; s = 0 first. */
  readonly ray: readonly { readonly s: number; readonly loss: number }[];
  /** The largest eigenvalue of the Hessian of that loss, and how far it may be from one. */
  readonly sharpness: number;
  readonly residual: number;
  /** 2 / sharpness: beyond it, plain gradient descent leaves a quadratic of this curvature. */
  readonly edge: number;
}

const [PRODUCTS, MULTIPLES] = [6, [0.5, 1, 2]] as const;

/** Measures both at a state, on the first batch. @param rate - of which the ray goes from a half to twice */
export async function landscapeOf(instruments: Instruments, state: State, rate: number): Promise<Landscape> {
  const { device, subject, seed } = instruments;
  const batchSize = Math.min(MOST_EXAMPLES, instruments.batchSize);
  const own = device.sibling();
  try {
    const feeds = instruments.feedsAt(batchSize)(0);
    const session = await openSession(own, subject.problem, {
      batchSize,
      optimiser: sgd(),
      learningRate: rate,
      seed,
      readouts: [probe('landscape', { every: 1, multiples: [...MULTIPLES] })],
      firstBatch: feeds,
    });
    await session.write(state);
    const hessian = await openHessian((graph) => session.load(graph), subject.problem, { batchSize, mode: 'frozen' });
    const { values, residuals } = await lanczos(hessian(feeds, { seed, step: 0 }), { steps: PRODUCTS, seed });
    const { records } = await session.take(feeds);
    const ray = records.flatMap(({ quantity, at, value }) =>
      quantity === 'ray-loss' && at !== undefined ? [{ s: at * rate, loss: value }] : [],
    );
    const sharpness = values.at(-1) ?? Number.NaN;
    return { ray, sharpness, residual: residuals.at(-1) ?? Number.NaN, edge: 2 / sharpness };
  } finally {
    await own.close();
  }
}
