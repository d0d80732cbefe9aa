/** @file The slurm.conf of a cluster of fake machines on one real one: no accounting, no cgroups, munge of its own. */

import { hostname } from 'node:os';

export interface ClusterSettings {
  /** 2 by default. */
  readonly nodes?: number;
  /** Of each node; 2 by default. */
  readonly cpus?: number;
  /** Seconds without an answer after which Slurm gives a node up; 10 by default. With other waits, half a minute passes. */
  readonly nodeTimeout?: number;
  /**
   * Seconds between the SIGTERM to the steps of a job of `low` that is to make room, and its end; 5 by default. With 0 Slurm requeues
   * it at once, and then ends it; who ends by itself in a time of grace is done in Slurm's eyes, and not requeued.
   */
  readonly graceTime?: number;
  /** Lines of slurm.conf that are added, or stand in place of one: `{ MaxArraySize: '11' }`. */
  readonly slurm?: Readonly<Record<string, string>>;
}

/** Names of the machines: n1, n2, … */
export function nodeNames({ nodes = 2 }: ClusterSettings): readonly string[] {
  return Array.from({ length: nodes }, (_, i) => `n${i + 1}`);
}

/** Where munge answers. */
export function mungeSocket(folder: string): string {
  return `${folder}/munge/socket`;
}

/**
 * Two partitions: `low`, the usual one, and `high`, whose jobs throw out those of `low`, which go back to the queue.
 * @param ports - of the controller, and of each node
 */
export function slurmConfiguration(folder: string, ports: readonly number[], settings: ClusterSettings): string {
  const { cpus = 2, nodeTimeout = 10, graceTime = 5, slurm = {} } = settings;
  const lines = {
    ClusterName: 'normscope',
    SlurmctldHost: `${hostname().replace(/\..*/, '')}(127.0.0.1)`,
    SlurmctldPort: `${ports[0]}`,
    SlurmUser: 'root',
    SlurmdUser: 'root',
    AuthType: 'auth/munge',
    // A requeued task waits until credentials given out for it have run out, which by default takes minutes.
    AuthInfo: `socket=${mungeSocket(folder)},cred_expire=5`,
    SlurmctldPidFile: `${folder}/state/slurmctld.pid`,
    SlurmdPidFile: `${folder}/state/slurmd-%n.pid`,
    SlurmctldLogFile: `${folder}/log/slurmctld.log`,
    SlurmdLogFile: `${folder}/log/slurmd-%n.log`,
    StateSaveLocation: `${folder}/state`,
    SlurmdSpoolDir: `${folder}/spool/%n`,
    ProctrackType: 'proctrack/linuxproc',
    TaskPlugin: 'task/none',
    JobAcctGatherType: 'jobacct_gather/none',
    AccountingStorageType: 'accounting_storage/none',
    MpiDefault: 'none',
    MailProg: '/bin/true',
    SelectType: 'select/cons_tres',
    SelectTypeParameters: 'CR_CPU',
    // The cluster is small, and who tests on it waits: it looks for work often.
    SchedulerParameters: 'batch_sched_delay=0,bf_interval=1,sched_interval=1',
    SlurmdTimeout: `${nodeTimeout}`,
    KillWait: '5',
    JobRequeue: '1',
    JobFileAppend: '1',
    // A machine that comes back is used again, whatever it was thought to be meanwhile.
    ReturnToService: '2',
    // The processors of the real machine are not those of the fake ones.
    SlurmdParameters: 'config_overrides',
    MaxArraySize: '1001',
    PreemptType: 'preempt/partition_prio',
    PreemptMode: 'REQUEUE',
    ...slurm,
  };
  const nodes = nodeNames(settings).map(
    (name, i) =>
      `NodeName=${name} NodeHostname=${name} NodeAddr=127.0.0.1 Port=${ports[i + 1]} CPUs=${cpus} RealMemory=1000`,
  );
  const partitions = [
    `PartitionName=low Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=1 GraceTime=${graceTime}`,
    'PartitionName=high Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=10 PreemptMode=off',
  ];
  return [...Object.entries(lines).map(([name, value]) => `${name}=${value}`), ...nodes, ...partitions, ''].join('\n');
}
