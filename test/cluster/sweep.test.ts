/** @file A sweep on Slurm: submitted once, ended by its owner, warned of the time limit, one worker killed; gone on with each time. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patience, Place } from '../e2e/command-line.ts';
import { Cluster } from './cluster.ts';
import { outputOf } from './commands.ts';
import { clusterMissing } from './missing.ts';
import { Sweep } from './swept.ts';

const missing = clusterMissing();
if (missing !== undefined) console.log(missing);
const place = new Place();

describe.skipIf(missing !== undefined)('a sweep on Slurm', () => {
  let cluster: Cluster;
  let sweep: Sweep;
  beforeAll(async () => {
    // Nodes are not given up while a test looks at them; who is killed is so after two seconds.
    cluster = await Cluster.start({ nodes: 2, cpus: 2, nodeTimeout: 120, slurm: { KillWait: '2' } });
    sweep = new Sweep(place, cluster.environment);
  });
  afterAll(() => cluster?.stop());

  it(
    'is submitted once: while its tasks run and wait, there is nothing for submit',
    async () => {
      // Two tasks run, one on each machine, and one waits.
      const on = ['--on', 'slurm', '--sbatch', '--exclusive'];
      const { code, stdout, stderr } = await sweep.begin('--lr 0.01,0.02,0.03 --steps 400', on);
      expect({ code, stderr }).toMatchObject({ code: 0 });
      const [job = ''] = sweep.arrays;
      expect(stdout).toContain(`Submitted 3 tasks to Slurm: job ${job} [0-2]`);
      await Promise.all([0, 1].map((task) => sweep.held(cluster, sweep.cellsOf(task)[0] ?? '')));
      const [status, submit] = await sweep.verbs('status', 'submit');
      expect(status?.stdout).toMatch(
        /^finished +0 of 3 cells\nbegun +2, on n[12] \(1\), n[12] \(1\)\nfailed +0\nmissing +1\n/,
      );
      const queue = (await cluster.queue()).map(({ id, state }) => `${id} ${state}`);
      expect(new Set(queue)).toEqual(new Set([`${job}_0 RUNNING`, `${job}_1 RUNNING`, `${job}_2 PENDING`]));
      expect(status?.stdout.replaceAll(/\s+/g, ' ')).toMatch(
        /queue (1 pending, 2 running|2 running, 1 pending) All that is missing is in the queue\./,
      );
      expect(submit?.stdout).toMatch(/^Nothing was submitted: 3 tasks with missing cells are in the queue already\./);
      expect(sweep.arrays).toEqual([job]);
    },
    patience,
  );

  it(
    'that its owner ends is saved, in no queue, and gone on with by submit',
    async () => {
      const [job = ''] = sweep.arrays;
      outputOf('scancel', await cluster.slurm('scancel', job));
      await cluster.untilGone(job);
      await cluster.untilIdle();
      expect(await cluster.queue()).toEqual([]);
      for (const task of [0, 1]) expect(sweep.log(job, task)).toContain(`\nTask ${task} is saved\n`);
      const [status, submit] = await sweep.verbs('status', 'submit');
      expect(status?.stdout).toMatch(
        /\nqueue +none of its tasks\n\n3 tasks with missing cells are in no queue: normscope submit/,
      );
      expect(submit?.stdout).toMatch(/^Submitted 3 tasks to Slurm: job \d+ \[0-2\]\./);
    },
    patience,
  );

  it(
    'ends with the same bits where one task is told of the time limit, and another’s worker is killed',
    async () => {
      const [, job = ''] = sweep.arrays;
      const [[first = ''], [second = '']] = [sweep.cellsOf(0), sweep.cellsOf(1)];
      const [warned, killed] = await Promise.all([sweep.held(cluster, first), sweep.held(cluster, second)]);
      process.kill(killed.process, 'SIGKILL');
      // As Slurm does before the time limit. The signal waits until the worker moves.
      outputOf('scancel', await cluster.slurm('scancel', '--signal=USR1', '--batch', `${job}_0`));
      process.kill(warned.process, 'SIGCONT');
      await cluster.untilGone(job);

      expect(sweep.log(job, 0).match(/^Task 0 .*$/gm)).toEqual([
        `Task 0 of 3 on ${warned.node}: 1 job`,
        'Task 0 is saved, and queued again',
        expect.stringMatching(/^Task 0 of 3 on n[12]: 1 job$/),
        'Task 0 is done',
      ]);
      const details = outputOf('scontrol', await cluster.slurm('scontrol', 'show', 'job', `${job}_1`));
      expect(details).toMatch(/JobState=FAILED .*\n.* Restarts=0 .*ExitCode=0:9/s);
      const [status, submit] = await sweep.verbs('status', 'submit');
      expect(status?.stdout).toMatch(/^finished +2 of 3 cells\nbegun +1, on n[12] \(1\)\n/);
      expect(status?.stdout).toMatch(/\n1 task with missing cells is in no queue: normscope submit/);
      expect(submit?.stdout).toMatch(/^Submitted 1 task to Slurm: job \d+ \[1\]\./);
      await cluster.untilGone();

      const { here, undisturbed } = sweep.bytes;
      expect(Object.keys(undisturbed)).toHaveLength(9);
      expect(here).toEqual(undisturbed);
      // Each from the newest checkpoint that there was; the last time from that of a process that could not say that it ended.
      const steps = (hash: string) => sweep.makerOf(hash)?.resumed.map(({ step }) => step);
      expect(steps(first)).toEqual([warned.maker.resumed[0]?.step, expect.any(Number)]);
      expect(steps(first)?.[1]).toBeGreaterThanOrEqual(warned.step);
      expect(steps(second)).toEqual([killed.maker.resumed[0]?.step, killed.step]);
      expect((await sweep.verbs('submit'))[0]?.stdout).toMatch(/^Every cell is finished: nothing was submitted\./);
    },
    patience,
  );
});
