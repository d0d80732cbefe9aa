/**
 * @file How much of a cluster's time Slurm turns into work, and how much it spends on starting tasks: `npx tsx
 * tools/cluster-utilisation.ts [SchedulerParameters]`, as root, with the packages that test/cluster needs; about a minute. 128 tasks
 * of ten seconds on 32 slots of 16 fake machines, all on this one; 95 % is what has been seen, 93 % what is asked.
 */

import { Cluster } from '../test/cluster/cluster.ts';
import { clusterMissing } from '../test/cluster/missing.ts';

const NODES = 16;
const CPUS = 2;
const TASKS = 128;
const SLEEPS = 10;

const missing = clusterMissing();
if (missing !== undefined) throw new Error(missing);

/** Start and end of each task, in seconds. */
async function spans(cluster: Cluster): Promise<readonly (readonly [start: number, end: number])[]> {
  const script = `echo $EPOCHREALTIME; for ((i = 0; i < ${SLEEPS}; i++)); do sleep 1; done; echo $EPOCHREALTIME`;
  const job = await cluster.submit([`--array=0-${TASKS - 1}`], script);
  const said = (task: number): readonly number[] => cluster.said(`${job}_${task}`).trim().split('\n').map(Number);
  let open = Array.from({ length: TASKS }, (_, task) => task);
  // By files, since asking the controller would keep it from its work.
  const areOver = (): boolean => {
    open = open.filter((task) => said(task).length < 2);
    return open.length === 0;
  };
  await cluster.until('all tasks to end', areOver, 300_000);
  return Array.from({ length: TASKS }, (_, task) => {
    const [start, end, ...rest] = said(task);
    if (start === undefined || end === undefined || rest.length > 0) {
      throw new Error(`Task ${task} must run once and say when, got ${said(task).join(', ')}; look for lost machines`);
    }
    return [start, end] as const;
  });
}

const [scheduler] = process.argv.slice(2);
const cluster = await Cluster.start({
  nodes: NODES,
  cpus: CPUS,
  ...(scheduler !== undefined && { slurm: { SchedulerParameters: scheduler } }),
});
try {
  // A cluster that has just come up is no measure: the scheduler pauses at first, which it says when it has begun.
  await cluster.submit([`--array=0-${NODES * CPUS - 1}`], 'true');
  await cluster.until('the scheduler to begin', () => cluster.log('slurmctld').includes('SchedulerParameters='));
  await cluster.untilGone();
  const submitted = Date.now() / 1000;
  const tasks = await spans(cluster);
  const first = Math.min(...tasks.map(([start]) => start));
  const last = Math.max(...tasks.map(([, end]) => end));
  const percent = (from: number): string =>
    ((100 * TASKS * SLEEPS) / (NODES * CPUS * (last - from))).toFixed(1).padStart(5);
  const inTasks = tasks.reduce((sum, [start, end]) => sum + end - start, 0) / TASKS;
  console.log(
    `${percent(submitted)} % of slot-seconds slept, from the submission to the last end (${(last - submitted).toFixed(1)} s)`,
  );
  console.log(`${percent(first)} % from the first start to the last end`);
  console.log(`A task of ${SLEEPS} s took ${inTasks.toFixed(2)} s on average, Slurm's part left out`);
} finally {
  await cluster.stop();
}
