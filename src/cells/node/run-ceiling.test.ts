import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runAll, tinyCircumstances, tinyData, tinyProblem, tinySettings } from '../../../test/tiny-training.ts';
import { InterruptedError, need } from '../../errors.ts';
import type { FinishedCell } from '../../records/cell.ts';
import { Records } from '../../records/records.ts';
import { sgd } from '../../train/optimisers/sgd.ts';
import { ceilingJob, type CeilingSpec } from '../ceiling.ts';
import { cellHash } from '../job.ts';
import { trainingJob } from '../training.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'normscope-ceiling-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const { dataset, batchSize, seed, augment, schedule } = tinySettings;
const spec: CeilingSpec = {
  arm: 'standard',
  problem: tinyProblem({ norm: 'none', activation: 'identity' }),
  training: { dataset, batchSize, seed, augment, schedule, steps: 20, optimiser: sgd() },
  rates: { from: 0.1, ratio: 1.3, least: 1e-3, most: 1e4 },
};

async function recordsOf(changes: Partial<CeilingSpec> = {}, signal?: AbortSignal): Promise<Records> {
  const [cell] = await runAll({
    jobs: [ceilingJob({ ...spec, ...changes })],
    circumstances: tinyCircumstances,
    dataset: async () => tinyData,
    root,
    parallel: 1,
    ...(signal !== undefined && { signal }),
  });
  return new Records(need<FinishedCell>(cell, 'a cell').records());
}

/** Of a training of its own. */
async function lossesAt(learningRate: number): Promise<readonly number[]> {
  const training = { ...spec.training, learningRate, evaluateEvery: 0 };
  const [cell] = await runAll({
    jobs: [trainingJob({ arm: 'standard', problem: spec.problem, training, probes: [] })],
    circumstances: tinyCircumstances,
    dataset: async () => tinyData,
    root,
    parallel: 1,
  });
  return new Records(need(cell, 'a cell').records()).values('loss');
}

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const trialsOf = (records: Records): readonly (readonly [number, boolean])[] =>
  records.of('trial-holds').map(({ at, value }) => [need(at, 'a rate'), value === 1] as const);

describe('a cell that finds a ceiling', () => {
  it('brackets it by trials, each of which a training of its own confirms', async () => {
    const records = await recordsOf();
    const trials = trialsOf(records);
    const [holds, fails] = [records.value('ceiling-holds'), records.value('ceiling-fails')];
    expect(fails / holds).toBeLessThanOrEqual(1.3);
    expect(records.value('ceiling')).toBeCloseTo(Math.sqrt(holds * fails), 12);
    expect(Math.max(...trials.flatMap(([rate, isHeld]) => (isHeld ? [rate] : [])))).toBe(holds);
    expect(Math.min(...trials.flatMap(([rate, isHeld]) => (isHeld ? [] : [rate])))).toBe(fails);
    // The trials share one session; an ordinary cell has one of its own. At the smallest rate nothing is learnt.
    const before = average((await lossesAt(1e-30)).slice(-4));
    for (const [rate, isHeld] of trials) {
      const losses = await lossesAt(rate);
      const last = average(losses.slice(-4));
      expect(losses.length === 20 && last <= 1.001 * before, `at ${rate}`).toBe(isHeld);
    }
    for (const { at: rate = Number.NaN, value } of records.of('trial-loss')) {
      expect(average((await lossesAt(rate)).slice(-4))).toBeCloseTo(value, 12);
    }
  });

  it('tries the rates that it is given, and no others', async () => {
    const records = await recordsOf({ rates: [0.05, 1e6] });
    expect(trialsOf(records)).toEqual([
      [0.05, true],
      [1e6, false],
    ]);
    expect(records.of('ceiling')).toEqual([]);
  });

  it('says which end there is of a ceiling outside', async () => {
    const records = await recordsOf({ rates: { from: 0.01, ratio: 1.3, least: 1e-3, most: 0.02 } });
    expect([records.value('ceiling-holds'), records.of('ceiling-fails')]).toEqual([0.02, []]);
    expect(records.value('ceiling')).toBeNaN();
  });

  it('takes a network that says the same of every image for dead, however small its loss', async () => {
    // One step of this size leaves no unit of a ReLU network alive; what is left learns the frequencies of classes.
    const problem = tinyProblem({ norm: 'none', activation: 'relu' });
    const records = await recordsOf({ problem, rates: [300] });
    const losses = await lossesAt(300);
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(trialsOf(records)).toEqual([[300, false]]);
  });

  it('has a hash of its own for each seed and search', () => {
    const hashes = [{}, { rates: [0.1] }, { training: { ...spec.training, seed: 4 } }, { arm: 'another name' }].map(
      (changes) => cellHash(need(ceilingJob({ ...spec, ...changes }).cells[0], 'a cell'), tinyCircumstances),
    );
    expect(new Set(hashes).size).toBe(3);
    expect(hashes[3]).toBe(hashes[0]);
  });

  it('stops between two steps, and leaves nothing that would be taken for whole', async () => {
    const controller = new AbortController();
    controller.abort(new InterruptedError('Stopped by Ctrl-C'));
    await expect(recordsOf({}, controller.signal)).rejects.toThrow('Stopped by Ctrl-C');
    expect(trialsOf(await recordsOf()).length).toBeGreaterThan(2);
  });

  it('refuses trials that are too short to judge', async () => {
    await expect(recordsOf({ training: { ...spec.training, steps: 4 } })).rejects.toThrow('must take 5 steps or more');
  });
});
