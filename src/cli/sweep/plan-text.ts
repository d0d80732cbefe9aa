/** @file What the commands of a sweep say: of its plan, and of how far it is. */

import { counted } from '../../counted.ts';
import { columns, formatBytes } from '../../report/plain-text.ts';
import { loweringText } from '../../runtime/lowering-choice.ts';
import type { Failure } from '../../sweeps/node/failures.ts';
import type { PlanFile } from '../../sweeps/node/plan-file.ts';
import type { QueuedTask } from '../../sweeps/node/slurm.ts';
import type { PlannedState, SweepState } from '../../sweeps/node/sweep-state.ts';
import { makespan } from '../../sweeps/makespan.ts';
import type { Plan } from '../../sweeps/plan.ts';
import { formatDuration } from '../output.ts';

/** Of a plan in numbers. */
function planned({ jobs, tasks, workers, parallel, bytes }: Plan) {
  const cells = new Set(jobs.flatMap((job) => job.cells.map(({ hash }) => hash))).size;
  const missing = new Set(tasks.flat().flatMap((job) => jobs[job]?.cells.map(({ hash }) => hash) ?? [])).size;
  const secondsOf = (job: number): number => jobs[job]?.seconds ?? 0;
  const seconds = tasks.map((task) => makespan(task.map(secondsOf), parallel));
  return {
    cells,
    missing,
    tasks: tasks.length,
    workers,
    parallel,
    bytes,
    work: tasks.flat().reduce((sum, job) => sum + secondsOf(job), 0),
    /** At once in the fullest task. */
    most: Math.max(0, ...tasks.map(({ length }) => length)),
    longest: Math.max(0, ...seconds),
    shortest: seconds.length === 0 ? 0 : Math.min(...seconds),
    wall: makespan(seconds, workers),
  };
}

export function planJson(plan: Plan): Readonly<Record<string, unknown>> {
  const { work, most: _, longest, shortest, wall, ...counts } = planned(plan);
  return {
    ...counts,
    cellSeconds: work,
    longestTaskSeconds: longest,
    shortestTaskSeconds: shortest,
    wallSeconds: wall,
  };
}

/** What would be done, in how many tasks, and for how long. */
export function planText(plan: Plan): string {
  const { cells, missing, tasks, workers, parallel, bytes, work, most, longest, shortest, wall } = planned(plan);
  const { fixed, on } = plan;
  const rows = [
    ['cells', `${cells}, of which ${cells - missing} are finished`],
    ...(tasks === 0
      ? []
      : [
          ['tasks', `${tasks}, of ${formatDuration(shortest)} to ${formatDuration(longest)}, the longest first`],
          [
            'workers',
            `${workers} at once (${engineText(on)}), each with ${counted(parallel * fixed.device.threads, 'core')}`,
          ],
          ['time', `about ${formatDuration(wall)} if all run at once; ${formatDuration(work)} of one core at a time`],
          ['disk', formatBytes(bytes)],
        ]),
    ['computation', `lowering ${loweringText(fixed.device)}, ${counted(fixed.device.threads, 'thread')} a network`],
  ];
  const cores = parallel * fixed.device.threads;
  const idle =
    tasks > 0 && most < parallel
      ? `\nA task has at most ${counted(most, 'job')} for the ${parallel} that it could do at once: --threads ${Math.floor(cores / most)} gives a network more of its cores.`
      : '';
  return `${columns(rows)}${idle}`;
}

function engineText(on: Plan['on']): string {
  if (on === 'slurm') return 'Slurm';
  return on === 'here' ? 'this machine' : `hosts of ${on.slice('ssh:'.length)}`;
}

/** What to do when all cells are there. */
export function nextStep({ plan, path, folder }: PlanFile): string {
  return plan.request.kind === 'claims'
    ? `When all cells are finished, normscope reproduce --plan ${path} decides.`
    : `normscope report ${folder} writes table and figures, at any time.`;
}

export interface SweepStatus {
  readonly file: PlanFile;
  readonly state: SweepState;
  readonly hosts: ReadonlyMap<string, number>;
  readonly failed: readonly Failure[];
  readonly faultyHosts: readonly Failure[];
  /** Undefined where no Slurm has to do with it, or none is here. */
  readonly queue: readonly QueuedTask[] | undefined;
}

const states: readonly PlannedState[] = ['finished', 'begun', 'failed', 'missing'];

/** Cells by state, each cell once. */
function counts({ cells }: SweepState): Readonly<Record<PlannedState, number>> {
  const byHash = new Map(cells.map(({ hash, state }) => [hash, state]));
  const of = (state: PlannedState): number => [...byHash.values()].filter((found) => found === state).length;
  return { finished: of('finished'), begun: of('begun'), failed: of('failed'), missing: of('missing') };
}

export function statusJson({ file, state, hosts, failed, faultyHosts, queue }: SweepStatus): unknown {
  return {
    plan: file.path,
    cells: counts(state),
    openTasks: state.openTasks,
    hosts: Object.fromEntries(hosts),
    failed,
    faultyHosts,
    ...(queue !== undefined && { queue }),
  };
}

const SHOWN_FAILURES = 5;

export function statusText(status: SweepStatus): string {
  const { file, state, hosts, failed, faultyHosts, queue } = status;
  const of = counts(state);
  const all = states.reduce((sum, name) => sum + of[name], 0);
  const atWork = [...hosts].map(([host, count]) => `${host} (${count})`).join(', ');
  const rows = [
    ['finished', `${of.finished} of ${counted(all, 'cell')}`],
    ['begun', `${of.begun}${atWork === '' ? '' : `, on ${atWork}`}`],
    ['failed', String(of.failed)],
    ['missing', String(of.missing)],
    ['tasks', `${state.openTasks.length} of ${file.plan.tasks.length} have cells left`],
    ...(queue === undefined ? [] : [['queue', queueText(queue)]]),
  ];
  const problems = failed.map((failure) => `${failure.name} on ${failure.host}: ${failure.message}`);
  const more = problems.length > SHOWN_FAILURES ? [`and ${problems.length - SHOWN_FAILURES} more`] : [];
  const lines = [
    columns(rows),
    ...(problems.length === 0
      ? []
      : ['', 'Failed:', ...problems.slice(0, SHOWN_FAILURES).map(indented), ...more.map(indented)]),
    ...(faultyHosts.length === 0
      ? []
      : ['', 'Hosts that do not compute right:', ...faultyHosts.map(({ message }) => indented(message))]),
    '',
    adviceText(status, of.finished === all),
  ];
  return lines.join('\n');
}

function indented(text: string): string {
  return `  ${text}`;
}

function queueText(queue: readonly QueuedTask[]): string {
  if (queue.length === 0) return 'none of its tasks';
  const byState = new Map<string, number>();
  for (const { state } of queue) byState.set(state, (byState.get(state) ?? 0) + 1);
  return [...byState].map(([state, count]) => `${count} ${state.toLowerCase()}`).join(', ');
}

function adviceText({ file, state, queue }: SweepStatus, isWhole: boolean): string {
  if (isWhole) return nextStep(file);
  const inQueue = new Set(queue?.map(({ task }) => task));
  const lost = state.openTasks.filter((task) => !inQueue.has(task)).length;
  if (lost === 0) return 'All that is missing is in the queue.';
  return `${counted(lost, 'task')} with missing cells ${lost === 1 ? 'is' : 'are'} in no queue: normscope submit ${file.folder} has them done.`;
}
