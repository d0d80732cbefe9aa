/** @file The fake cluster itself: arrays, power cuts, hangs and scancel do to tasks what they do on a real one. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from './cluster.ts';
import { stateOf } from './machine.ts';
import { clusterMissing } from './missing.ts';

const missing = clusterMissing();
if (missing !== undefined) console.log(missing);

/** Says where it is and for the how manieth time, then counts until it may end. */
const count = (end: string): string => `
echo "start on $(hostname) again \${SLURM_RESTART_COUNT:-0}"
for ((i = 1; ; i++)); do
  echo "$i by $$"
  if [ -e ${end} ]; then echo end; exit; fi
  sleep 0.2
done`;

const starts = (said: string): readonly string[] => said.split('\n').filter((line) => line.startsWith('start'));
const ends = (said: string): number => said.split('\n').filter((line) => line === 'end').length;

describe.skipIf(missing !== undefined)('a cluster of fake machines', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start({ nodes: 3, cpus: 2, graceTime: 0 });
  });
  afterAll(() => cluster?.stop());
  const declare = (what: string): void => writeFileSync(join(cluster.folder, what), '');

  it('runs every task of an array once, on all machines', async () => {
    // More than one machine has processors for: the last waits until another task has ended.
    const job = await cluster.submit(['--array=0-6'], 'echo "start on $(hostname)"; sleep 0.5; echo end');
    await cluster.untilGone(job);
    const said = Array.from({ length: 7 }, (_, task) => cluster.said(`${job}_${task}`));
    expect(said.map(ends)).toEqual(Array.from({ length: 7 }, () => 1));
    expect(new Set(said.flatMap(starts))).toEqual(new Set(cluster.nodes.map((node) => `start on ${node}`)));
    expect(said.flatMap(starts)).toHaveLength(7);
  });

  it('starts a task elsewhere when the power of its machine is cut, and uses the machine when it is back', async () => {
    const job = await cluster.submit([], count('cut-is-over'));
    const node = await cluster.untilRunning(job);
    await cluster.until('the task to count', () => cluster.said(job).includes('2 by'));
    await cluster.powerCut(node);
    expect(cluster.processes(node)).toEqual([]);
    await cluster.declareDown(node);
    const others = cluster.nodes.filter((other) => other !== node);
    const other = await cluster.untilRunning(job, others);
    declare('cut-is-over');
    await cluster.untilGone(job);
    expect(starts(cluster.said(job))).toEqual([`start on ${node} again 0`, `start on ${other} again 1`]);
    expect(ends(cluster.said(job))).toBe(1);
    cluster.powerOn(node);
    await cluster.untilIdle();
  });

  it('stops all processes of a frozen machine, and none of another, and lets them go on where they were', async () => {
    const [first, second] = await Promise.all(
      ['n1', 'n2'].map((node) => cluster.submit([`--nodelist=${node}`], count('thaw-is-over'))),
    );
    const jobs = [first ?? '', second ?? ''] as const;
    await cluster.until('both tasks to count', () => jobs.every((job) => cluster.said(job).includes('2 by')));
    await cluster.freeze('n1');
    // Over is what a frozen parent has not yet asked for.
    const states = (node: string): ReadonlySet<string> =>
      new Set(
        cluster
          .processes(node)
          .map(stateOf)
          .filter((state) => state !== 'Z'),
      );
    expect(states('n1')).toEqual(new Set(['T']));
    expect(states('n2')).not.toContain('T');
    const [frozen, running] = jobs.map((job) => cluster.said(job));
    await cluster.until('the other task to count on', () => cluster.said(jobs[1]).length > (running?.length ?? 0) + 20);
    expect(cluster.said(jobs[0])).toBe(frozen);
    cluster.thaw('n1');
    await cluster.until('the task to count on', () => cluster.said(jobs[0]).length > (frozen?.length ?? 0));
    declare('thaw-is-over');
    await Promise.all(jobs.map((job) => cluster.untilGone(job)));
    const said = cluster.said(jobs[0]);
    expect(said.startsWith(frozen ?? 'none')).toBe(true);
    // One process throughout, which was started once and has ended once.
    expect(new Set(said.match(/by \d+/g)).size).toBe(1);
    expect([starts(said).length, ends(said)]).toEqual([1, 1]);
  });

  it('leaves nothing in the queue after scancel, whether it ran or waited', async () => {
    const job = await cluster.submit(['--array=0-10'], count('never'));
    await cluster.until('six tasks to run', async () => {
      const states = (await cluster.queue()).map(({ state }) => state);
      return states.filter((state) => state === 'RUNNING').length === 6 && states.includes('PENDING');
    });
    expect((await cluster.slurm('scancel', job)).code).toBe(0);
    await cluster.untilGone(job);
    expect(await cluster.queue()).toEqual([]);
    await cluster.untilIdle();
    const said = Array.from({ length: 11 }, (_, task) => cluster.said(`${job}_${task}`));
    expect(said.map(ends)).toEqual(Array.from({ length: 11 }, () => 0));
  });

  it('throws a task out for one of the partition that goes first, and starts it again', async () => {
    const script = `trap 'echo out; exit' TERM; ${count('high-is-over')}`;
    const low = await cluster.submit(['--exclusive', '--nodes=3'], script);
    await cluster.until('the task to count', () => cluster.said(low).includes('1 by'));
    const high = await cluster.submit(['--partition=high'], 'touch high-is-over; echo end');
    await Promise.all([cluster.untilGone(high), cluster.untilGone(low)]);
    expect(ends(cluster.said(high))).toBe(1);
    expect(cluster.said(low)).toContain('\nout\n');
    expect(starts(cluster.said(low)).map((line) => line.slice(-1))).toEqual(['0', '1']);
    expect(ends(cluster.said(low))).toBe(1);
  });

  it('passes on what Slurm says of what it refuses', async () => {
    await expect(cluster.submit(['--array=0-1001'], 'true')).rejects.toThrow(
      /sbatch must end with 0, got 1.*\n.*array/i,
    );
  });
});
