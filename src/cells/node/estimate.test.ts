import { afterEach, describe, expect, it, vi } from 'vitest';
import { tinyCell as cellOf, tinyProblem, tinyRequest, tinySettings } from '../../../test/tiny-training.ts';
import { heldProbe } from '../../probes/index.ts';
import { sgd } from '../../train/optimisers/sgd.ts';
import { Estimates } from './estimate.ts';

/** A clock on which every step takes 20 ms, since it goes on by 20 ms whenever it is read. */
function clock(): { reads: number } {
  const state = { reads: 0 };
  vi.spyOn(performance, 'now').mockImplementation(() => 20 * state.reads++);
  return state;
}
afterEach(() => vi.restoreAllMocks());

describe('Estimates', () => {
  it('takes a gradient to cost a step, and shares the work among those at work', async () => {
    clock();
    const landscape = heldProbe('landscape', { every: 4 });
    const specs = [cellOf({ steps: 1000 }), cellOf({ steps: 1000, seed: 1 }, [landscape])];
    const { seconds } = await new Estimates().of(tinyRequest(specs, '/nowhere'));
    expect(seconds).toBeCloseTo(0.02 * (1000 + 1000 * (1 + 5 / 4)), 9);
  });

  it('counts what is measured on more examples than a batch has as that many batches', async () => {
    clock();
    const batch = tinySettings.batchSize;
    // A search of nine gradients and the one that reads the weights, at every fifth step.
    const box = heldProbe('box-sharpness', { every: 5, evaluations: 9, examples: 100 * batch });
    const onABatch = heldProbe('box-sharpness', { every: 5, evaluations: 9 });
    const [many, few] = [cellOf({ steps: 1000 }, [box]), cellOf({ steps: 1000 }, [onABatch])];
    const seconds = async (spec: typeof many): Promise<number> =>
      (await new Estimates().of(tinyRequest([spec], '/nowhere'))).seconds;
    expect(await seconds(many)).toBeCloseTo(0.02 * 1000 * (1 + (100 * 10) / 5), 6);
    expect(await seconds(few)).toBeCloseTo(0.02 * 1000 * (1 + 10 / 5), 9);
  });

  it('times each kind of network once', async () => {
    const state = clock();
    const standard = tinyProblem({ norm: 'none' });
    const specs = [0, 1, 2].flatMap((seed) => [cellOf({ seed }), cellOf({ seed }, [], standard)]);
    await new Estimates().of(tinyRequest(specs, '/nowhere'));
    const both = state.reads;
    state.reads = 0;
    await new Estimates().of(tinyRequest([cellOf()], '/nowhere'));
    expect(both).toBe(2 * state.reads);
  });

  it('times a kind of network once for all requests, and counts once in their sum what they share', async () => {
    const state = clock();
    const [alone, more] = [cellOf({ steps: 1000 }), cellOf({ steps: 1000 }, [heldProbe('landscape', { every: 4 })])];
    const estimates = new Estimates();
    const first = await estimates.of(tinyRequest([alone], '/nowhere'));
    const reads = state.reads;
    const second = await estimates.of(tinyRequest([more, cellOf({ steps: 1000, seed: 1 })], '/nowhere'));
    expect(state.reads).toBe(reads);
    expect(first.seconds).toBeCloseTo(0.02 * 1000, 9);
    // The cell of the first with the probes of the second, and another.
    expect(estimates.all.seconds).toBeCloseTo(second.seconds, 9);
    expect(estimates.all.bytes).toBe(2 * first.bytes);
  });

  it('counts the bytes of the state and of the records', async () => {
    const [short, long] = [cellOf({ steps: 10, optimiser: sgd() }), cellOf({ steps: 1010, optimiser: sgd() })];
    const { bytes } = await new Estimates().of(tinyRequest([short], '/nowhere'));
    // 30·7 + 2·(7·7) + 7·4 weights, 3·7 + 4 biases, and four vectors of 7 for each of three norms.
    expect(bytes).toBeGreaterThan(4 * (30 * 7 + 2 * 49 + 28 + 25 + 84));
    const more = (await new Estimates().of(tinyRequest([long], '/nowhere'))).bytes - bytes;
    expect(more).toBeGreaterThan(1000 * 2 * 50);
    expect(more).toBeLessThan(1000 * 2 * 200);
  });
});
