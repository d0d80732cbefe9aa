import { describe, expect, it } from 'vitest';
import { tinyData, tinyProblem, tinySettings } from '../../test/tiny-training.ts';
import { measuredAt, wholeHessian } from '../../test/whole-hessian.ts';
import { symmetricEigenvalues } from '../math/symmetric-eigenvalues.ts';
import type { NormName } from '../norms/index.ts';
import type { StepRecord } from '../records/record.ts';
import { threadlessDevice } from '../runtime/node/node-device.ts';
import { imageFeeds } from '../train/image-feeds.ts';
import { openSession, type Session } from '../train/session.ts';
import type { Snapshot } from '../train/snapshot.ts';
import { probe } from './index.ts';

const STEPS = 6;
const small = { activation: 'tanh', width: 0.04, float: 'float64' } as const;
const valueOf = (records: readonly StepRecord[], quantity: string): number =>
  records.find((record) => record.quantity === quantity)?.value ?? Number.NaN;

describe.each<NormName>(['batch', 'none', 'layer'])('sharpness of an MLP with norm %s', (norm) => {
  it('is the largest eigenvalue of the whole Hessian at the weights before the step, on its batch', async () => {
    const problem = tinyProblem({ norm, ...small });
    const measured = await measuredAt(problem, STEPS, [probe('sharpness', { every: STEPS, iterations: 60 })]);
    const { rows } = await wholeHessian(problem, measured, 'train');
    const eigenvalues = await symmetricEigenvalues(Float64Array.from(rows.flat()), rows.length);
    const expected = eigenvalues.at(-1) ?? Number.NaN;
    const [found, residual] = ['sharpness', 'sharpness-residual'].map((quantity) =>
      valueOf(measured.records, quantity),
    );
    // Differences are right to 1e-9 of the largest entry, Lanczos to the square of its residual.
    expect(Math.abs((found ?? Number.NaN) / expected - 1)).toBeLessThan(1e-6);
    expect(residual).toBeLessThan(1e-3 * expected);
    expect(Math.abs((found ?? Number.NaN) - expected)).toBeLessThanOrEqual((residual ?? Number.NaN) + 1e-6 * expected);
  });
});

describe('a warm series', () => {
  const { batchSize, seed, optimiser } = tinySettings;
  /** Every step on the batch of the first, at a rate so small that the Hessian hardly moves. */
  const steps = async (session: Session, until: number): Promise<readonly StepRecord[]> => {
    const feeds = imageFeeds(tinyData, tinySettings, 'float64')(0);
    const records: StepRecord[] = [];
    while (session.step < until) records.push(...(await session.take(feeds)).records);
    return records;
  };
  const open = (settings: { iterations: number; warm: boolean; warmIterations?: number }): Promise<Session> => {
    const device = threadlessDevice({ lowering: 'reference', threads: 1 });
    const readouts = [probe('norms', { every: 1 }), probe('sharpness', { every: 1, ...settings })];
    return openSession(device, tinyProblem(small), { batchSize, seed, optimiser, learningRate: 1e-4, readouts });
  };
  const sharpnessOf = (records: readonly StepRecord[]): readonly number[] =>
    records
      .filter(({ quantity }) => quantity === 'sharpness' || quantity === 'followed-sharpness')
      .map(({ value }) => value);

  it('follows the largest eigenvalue by one product a step where the Hessian changes little', async () => {
    const [warm, cold] = [await open({ iterations: 20, warm: true }), await open({ iterations: 60, warm: false })];
    const [followed, exact] = [sharpnessOf(await steps(warm, 12)), sharpnessOf(await steps(cold, 12))];
    expect(followed).toHaveLength(12);
    for (const [i, value] of followed.entries())
      expect(Math.abs(value / (exact[i] ?? Number.NaN) - 1)).toBeLessThan(0.05);
    await Promise.all([warm, cold].map(({ device }) => device.close()));
  });

  it('comes nearer by more products a step', async () => {
    const [one, four, exact] = await Promise.all(
      [
        { iterations: 20, warm: true },
        { iterations: 20, warm: true, warmIterations: 4 },
        { iterations: 60, warm: false },
      ].map(async (settings) => {
        const session = await open(settings);
        const values = sharpnessOf(await steps(session, 12));
        await session.device.close();
        return values;
      }),
    );
    for (const [i, value] of (exact ?? []).slice(1).entries()) {
      const [near, nearer] = [one, four].map((values) => Math.abs((values?.[i + 1] ?? Number.NaN) / value - 1));
      expect(nearer).toBeLessThan(near ?? Number.NaN);
    }
  });

  it('goes on from a snapshot with the same bits, and not without what it remembers', async () => {
    const settings = { iterations: 20, warm: true };
    const [whole, first, second, forgetful] = await Promise.all([1, 2, 3, 4].map(() => open(settings)));
    if (!whole || !first || !second || !forgetful) throw new Error('Four sessions must be open');
    const expected = (await steps(whole, 6)).filter(({ step }) => step >= 3);
    await steps(first, 3);
    const snapshot = await first.snapshot();
    expect([...(snapshot.remembered ?? new Map()).keys()]).toEqual([1]);
    await second.restore(snapshot);
    expect(await steps(second, 6)).toEqual(expected);
    const { remembered: _, ...rest } = snapshot;
    await forgetful.restore(rest satisfies Snapshot);
    expect(sharpnessOf(await steps(forgetful, 6))).not.toEqual(sharpnessOf(expected));
    await Promise.all([whole, first, second, forgetful].map(({ device }) => device.close()));
  });
});
