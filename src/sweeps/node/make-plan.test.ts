import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runAll, tinyCell, tinyCircumstances, tinyProblem, tinyRequest } from '../../../test/tiny-training.ts';
import { cellHash, type CellJob } from '../../cells/job.ts';
import { trainingJob } from '../../cells/training.ts';
import type { TrainingSpec } from '../../cells/training-spec.ts';
import { InterruptedError, need } from '../../errors.ts';
import { heldProbe } from '../../probes/index.ts';
import { planJobs } from './make-plan.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'normscope-planned-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const [norms, moments] = [heldProbe('norms', { every: 4 }), heldProbe('gradient-moments', { every: 5 })];
/** Three seeds, the second asked for twice with another probe, and one of another network. */
const specs: readonly TrainingSpec[] = [
  tinyCell({ seed: 0 }),
  tinyCell({ seed: 1 }, [norms]),
  { ...tinyCell({ seed: 1 }, [moments]), arm: 'again' },
  tinyCell({ seed: 2 }),
  tinyCell({ seed: 0 }, [], tinyProblem({ norm: 'none' })),
];

/** Known to take 3 s a step of the first network and 1 s of the other, whatever this machine does. */
function job(spec: TrainingSpec): CellJob {
  const seconds = spec.problem === specs[4]?.problem ? 1 : 3;
  return {
    ...trainingJob(spec),
    pace: { isTried: false, key: `${seconds}`, measure: async () => ({ seconds, bytes: 10 }) },
  };
}

const plan = (changes: Partial<Parameters<typeof planJobs>[0]> = {}) =>
  planJobs({
    ...tinyRequest(specs, root),
    jobs: specs.map(job),
    workers: 2,
    parallel: 1,
    tried: 1,
    floorSeconds: 1,
    ...changes,
  });
const cost = ({ probes }: TrainingSpec, spec = tinyCell({}, probes)): number => {
  const [cell] = trainingJob(spec).cells;
  return need(cell, 'a cell').cost(probes);
};

describe('planJobs()', () => {
  it('names every job, with the cells that run would make', async () => {
    const { jobs } = await plan();
    expect(jobs.map(({ name }) => name)).toEqual([
      'batch, learning rate 0.05, seed 0',
      'batch, learning rate 0.05, seed 1',
      'again, learning rate 0.05, seed 1',
      'batch, learning rate 0.05, seed 2',
      'batch, learning rate 0.05, seed 0',
    ]);
    const hashes = specs.map((spec) => cellHash(need(trainingJob(spec).cells[0], 'a cell'), tinyCircumstances));
    expect(jobs.map(({ cells }) => cells.map(({ hash }) => hash))).toEqual(hashes.map((hash) => [hash]));
    expect(hashes[1]).toBe(hashes[2]);
  });

  it('has a cell that is asked for twice made once, with the probes of both', async () => {
    const { jobs, probes, tasks } = await plan();
    const sets = jobs.flatMap(({ cells }) => cells.map((cell) => probes[cell.probes]?.map(({ name }) => name)));
    expect(sets).toEqual([[], ['gradient-moments', 'norms'], ['gradient-moments', 'norms'], [], []]);
    expect(probes).toHaveLength(2);
    expect(new Set(tasks.flat())).toEqual(new Set([0, 1, 3, 4]));
  });

  it('estimates each job by its network and all its probes', async () => {
    const { jobs, bytes } = await plan();
    const both = tinyCell({}, [norms, moments]);
    expect(jobs.map(({ seconds }) => seconds)).toEqual([3 * 12, 3 * cost(both), 0, 3 * 12, 12]);
    expect(bytes).toBe(4 * 10);
  });

  it('counts what several cells at once take together, and says what one would take alone', async () => {
    const alone = await plan();
    const together = await plan({ parallel: 3, tried: 2, floorSeconds: 36 / 3 });
    expect(together.jobs).toEqual(alone.jobs);
    // 36 s of one cell are 12 s of a task that makes three at once.
    expect(together.tasks).toEqual((await plan({ floorSeconds: 36 })).tasks);
  });

  it('leaves out what is finished', async () => {
    await runAll(tinyRequest(specs.slice(0, 1), root));
    const { jobs, tasks } = await plan();
    expect([jobs.length, new Set(tasks.flat())]).toEqual([5, new Set([1, 3, 4])]);
  });

  it('stops when it is told to', async () => {
    const signal = AbortSignal.abort(new InterruptedError('enough'));
    await expect(plan({ signal })).rejects.toThrow('enough');
  });
});
