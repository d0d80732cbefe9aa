/** @file A sweep that makes room for those who go first: at once, or with a time of grace. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patience, Place } from '../e2e/command-line.ts';
import { Cluster } from './cluster.ts';
import { outputOf } from './commands.ts';
import { clusterMissing } from './missing.ts';
import { Sweep } from './swept.ts';

const missing = clusterMissing();
if (missing !== undefined) console.log(missing);
const place = new Place();

describe.skipIf(missing !== undefined)('a sweep that is thrown out', () => {
  let cluster: Cluster;
  let sweep: Sweep;
  beforeAll(async () => {
    cluster = await Cluster.start({ nodes: 1, cpus: 2, graceTime: 0, nodeTimeout: 120, slurm: { KillWait: '5' } });
    sweep = new Sweep(place, cluster.environment);
  });
  afterAll(() => cluster?.stop());

  const scontrol = async (...words: readonly string[]): Promise<string> =>
    outputOf('scontrol', await cluster.slurm('scontrol', ...words));
  const goFirst = (): Promise<string> => cluster.submit(['--partition=high', '--exclusive'], 'echo end');

  it(
    'saves, is queued again by Slurm, and goes on, though it has nothing more to do in the time of grace',
    async () => {
      const { code, stderr } = await sweep.begin('--lr 0.05,0.06 --steps 400', [
        '--on',
        'slurm',
        '--sbatch',
        '--exclusive',
      ]);
      expect({ code, stderr }).toMatchObject({ code: 0 });
      const [first = ''] = sweep.arrays;
      const [[cell = ''], [other = '']] = [sweep.cellsOf(0), sweep.cellsOf(1)];
      const atOnce = await sweep.held(cluster, cell);
      // In a time of grace Slurm tells none but steps: the second task is one, as its owner may have it.
      outputOf('scancel', await cluster.slurm('scancel', `${first}_1`));
      const script = join(sweep.folder, 'sweep.sbatch');
      writeFileSync(script, readFileSync(script, 'utf8').replace('\nexec ', '\nexec srun '));
      expect((await sweep.verbs('submit'))[0]?.stdout).toMatch(
        /^Submitted 1 task to Slurm: job \d+ \[1\]; 1 task is in the queue already\./,
      );
      const [, second = ''] = sweep.arrays;

      const high = await goFirst();
      const inGrace = await sweep.held(cluster, other);
      expect(cluster.said(high)).toBe('end\n');
      expect(sweep.log(first, 0)).toContain('\nTask 0 is saved\n');
      await scontrol('update', 'partitionname=low', 'gracetime=8');
      const next = await goFirst();
      await cluster.until('the step to have saved', () => sweep.log(second, 1).includes('\nTask 1 is saved\n'));
      // It is still there: in Slurm's eyes it would be over otherwise.
      expect(await scontrol('show', 'job', `${second}_1`)).toMatch(/JobState=RUNNING .*\n.* Restarts=0 /s);
      await cluster.untilGone();

      expect(cluster.said(next)).toBe('end\n');
      for (const [array, task] of [
        [first, 0],
        [second, 1],
      ] as const) {
        const begun = `Task ${task} of 2 on n1: 1 job`;
        const said = sweep.log(array, task).match(/^Task .*$/gm);
        expect(said).toEqual([begun, `Task ${task} is saved`, begun, `Task ${task} is done`]);
      }
      const { here, undisturbed } = sweep.bytes;
      expect(Object.keys(undisturbed)).toHaveLength(6);
      expect(here).toEqual(undisturbed);
      // From where they stopped, not from the last of the checkpoints that are made on the way.
      for (const [hash, held] of [
        [cell, atOnce],
        [other, inGrace],
      ] as const) {
        const resumed = sweep.makerOf(hash)?.resumed;
        expect(resumed).toEqual([{ attempt: held.maker.attempt, host: 'n1', step: expect.any(Number) }]);
        expect(resumed?.[0]?.step).toBeGreaterThanOrEqual(held.step);
      }
    },
    patience,
  );
});
