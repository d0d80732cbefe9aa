/** @file A sweep whose machines lose their power, or hang and come back when others have done their work. */

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patience, Place } from '../e2e/command-line.ts';
import { cellFolders } from '../e2e/small-runs.ts';
import { Cluster } from './cluster.ts';
import { isOver } from './machine.ts';
import { clusterMissing } from './missing.ts';
import { type HeldWorker, Sweep } from './swept.ts';

const missing = clusterMissing();
if (missing !== undefined) console.log(missing);
const place = new Place();

describe.skipIf(missing !== undefined)('a sweep on machines that are lost', () => {
  let cluster: Cluster;
  let sweep: Sweep;
  let hung: HeldWorker;
  beforeAll(async () => {
    cluster = await Cluster.start({ nodes: 3, cpus: 2, nodeTimeout: 120, slurm: { KillWait: '2' } });
    sweep = new Sweep(place, cluster.environment);
  });
  afterAll(() => cluster?.stop());

  it(
    'loses no cell to a power cut, makes none twice, and repeats only what was behind the newest checkpoint',
    async () => {
      // Two cells, then one in each of two tasks; each machine has one task.
      const words = ['--on', 'slurm', '--workers', '1', '--sbatch', '--exclusive'];
      const { code, stderr } = await sweep.begin('--lr 0.01,0.02,0.03,0.04 --steps 400', words);
      expect({ code, stderr }).toMatchObject({ code: 0 });
      const [array = ''] = sweep.arrays;
      const [[whole = '', cut = ''], [frozen = '']] = [sweep.cellsOf(0), sweep.cellsOf(1)];
      const begun = await Promise.all([sweep.held(cluster, cut), sweep.held(cluster, frozen)]);
      hung = begun[1];
      const [{ node, step, maker }] = begun;
      const finished = sweep.makerOf(whole);
      expect(finished).toMatchObject({ host: node, pid: maker.pid });

      await Promise.all([cluster.powerCut(node), cluster.freeze(hung.node)]);
      await Promise.all([cluster.declareDown(node), cluster.declareDown(hung.node)]);
      await cluster.untilGone();
      const [third = ''] = cluster.nodes.filter((other) => ![node, hung.node].includes(other));
      expect(sweep.log(array, 0).match(/^Task 0 .*$/gm)).toEqual([
        `Task 0 of 3 on ${node}: 2 jobs`,
        `Task 0 of 3 on ${third}: 2 jobs`,
        'Task 0 is done',
      ]);
      expect(sweep.makerOf(cut)).toMatchObject({
        host: third,
        resumed: [{ attempt: maker.attempt, host: node, step }],
      });
      // Checkpoints are 100 steps apart: the newest of what had come so far.
      expect([step % 100, step > 0]).toEqual([0, true]);
      expect(sweep.makerOf(whole)).toEqual(finished);
      expect(sweep.makerOf(frozen)).toMatchObject({ host: third, resumed: [{ host: hung.node, step: hung.step }] });
    },
    patience,
  );

  it(
    'takes nothing from a machine that hung and comes back late',
    async () => {
      const before = sweep.bytes.here;
      expect(isOver(hung.process)).toBe(false);
      cluster.thaw(hung.node);
      await cluster.until('the late worker to end', () => isOver(hung.process));
      const { here, undisturbed } = sweep.bytes;
      expect(here).toEqual(before);
      expect(Object.keys(undisturbed)).toHaveLength(12);
      expect(here).toEqual(undisturbed);
      expect(cellFolders(join(sweep.cwd, 'runs'), 'attempt')).toEqual([]);
      // Slurm alone has had it done again.
      expect(sweep.arrays).toHaveLength(1);
    },
    patience,
  );
});
