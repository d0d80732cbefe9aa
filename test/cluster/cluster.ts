/**
 * @file A Slurm cluster of fake machines on this one, on loopback, in a temporary folder: munged, slurmctld, and a slurmd for each
 * machine. As root without systemd. Measured on Debian's Slurm 22.05.
 */

import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { need } from '../../src/errors.ts';
import { type Ending, type Environment, killed, outputOf, runCommand, startDaemon } from './commands.ts';
import { type ClusterSettings, mungeSocket, nodeNames, slurmConfiguration } from './configuration.ts';
import { Machine } from './machine.ts';
import { freePorts } from './ports.ts';
import { until } from './waiting.ts';

/** A job or a task of an array, as squeue has it. */
export interface QueuedTask {
  /** `17`, or `17_3` of an array. */
  readonly id: string;
  /** `PENDING`, `RUNNING`, `COMPLETING`, … */
  readonly state: string;
  /** Where it runs; empty where it waits. */
  readonly node: string;
}

export class Cluster {
  /** Job scripts and what tests write may lie here; it goes with the cluster. */
  readonly folder: string = mkdtempSync(join(tmpdir(), 'normscope-cluster-'));
  /** With which any program finds this cluster's commands at work. */
  readonly environment: Environment = { SLURM_CONF: join(this.folder, 'slurm.conf') };
  readonly #machines: ReadonlyMap<string, Machine>;
  readonly #daemons: ChildProcess[] = [];
  #scripts = 0;

  private constructor(settings: ClusterSettings) {
    const machines = nodeNames(settings).map((name) => new Machine(name, this.#logFile(name), this.environment));
    this.#machines = new Map(machines.map((machine) => [machine.name, machine]));
  }

  /** Starts a cluster whose machines are all idle. @throws {ProcessError} with the logs where that does not come about. */
  static async start(settings: ClusterSettings = {}): Promise<Cluster> {
    const cluster = new Cluster(settings);
    try {
      await cluster.#start(settings);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  async #start(settings: ClusterSettings): Promise<void> {
    const { folder } = this;
    // munged wants its socket where every user may come.
    chmodSync(folder, 0o755);
    for (const name of ['state', 'log', 'munge', ...this.nodes.map((node) => `spool/${node}`)]) {
      mkdirSync(join(folder, name), { recursive: true, mode: 0o755 });
    }
    const ports = await freePorts(1 + this.nodes.length);
    writeFileSync(join(folder, 'slurm.conf'), slurmConfiguration(folder, ports, settings));
    writeFileSync(join(folder, 'munge/key'), randomBytes(128), { mode: 0o400 });
    const socket = mungeSocket(folder);
    const files = ['key', 'pid', 'log', 'seed'].map((kind) => `--${kind}-file=${folder}/munge/${kind}`);
    this.#daemon('munged', ['--foreground', '--force', `--socket=${socket}`, ...files, '--num-threads=2']);
    await this.until('munged to answer', () => existsSync(socket));
    this.#daemon('slurmctld', ['-D', '-i']);
    for (const machine of this.#machines.values()) machine.powerOn();
    await this.untilIdle();
  }

  get nodes(): readonly string[] {
    return [...this.#machines.keys()];
  }

  /** Runs a command of Slurm in the cluster's folder: `slurm('scancel', '17')`. It may fail. */
  slurm(command: string, ...args: readonly string[]): Promise<Ending> {
    return runCommand(command, args, this.environment, this.folder);
  }

  /**
   * Submits a shell script; what it says is in `out/<job>`, of a task of an array `out/<job>_<task>`, in the cluster's folder.
   * @returns the job's number
   * @throws {ProcessError} with sbatch's words where it is rejected
   */
  async submit(options: readonly string[], script: string): Promise<string> {
    mkdirSync(join(this.folder, 'out'), { recursive: true });
    this.#scripts += 1;
    const file = join(this.folder, `script-${this.#scripts}.sh`);
    writeFileSync(file, `#!/bin/bash\n${script}\n`);
    const output = `--output=out/%${options.some((option) => option.startsWith('--array')) ? 'A_%a' : 'j'}`;
    return outputOf('sbatch', await this.slurm('sbatch', '--parsable', output, ...options, file)).trim();
  }

  /** What a job or a task has said so far. */
  said(id: string): string {
    const file = join(this.folder, 'out', id);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  /** What waits, runs or ends; each task of an array is one. */
  async queue(): Promise<readonly QueuedTask[]> {
    const said = outputOf('squeue', await this.slurm('squeue', '--noheader', '--array', '--format=%i|%T|%N'));
    return said
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [id = '', state = '', node = ''] = line.split('|');
        return { id, state, node };
      });
  }

  /** Waits until a job or a task runs, on a machine of `nodes` where that is given; gives the machine. */
  untilRunning(id: string, nodes: readonly string[] = this.nodes): Promise<string> {
    return this.until(`${id} to run on ${nodes.join(' or ')}`, async () => {
      const running = (await this.queue()).find((task) => task.id === id && task.state === 'RUNNING');
      return nodes.find((node) => node === running?.node);
    });
  }

  /** Waits until nothing of a job, or of any, is left in the queue. */
  async untilGone(job?: string, guard?: number): Promise<void> {
    const isOfJob = ({ id }: QueuedTask): boolean => job === undefined || id === job || id.startsWith(`${job}_`);
    const what = `${job ?? 'all jobs'} to leave the queue`;
    await this.until(what, async () => !(await this.queue()).some(isOfJob), guard);
  }

  /** Waits until machines, all of them by default, have nothing to do and would take work. */
  async untilIdle(nodes: readonly string[] = this.nodes): Promise<void> {
    await this.until(`${nodes.join(', ')} to be idle`, async () => {
      // While the controller starts, sinfo fails.
      const { stdout } = await this.slurm('sinfo', '--noheader', '--Node', '--partition=low', '--format=%N %t');
      const lines = new Set(stdout.split('\n'));
      return nodes.every((node) => lines.has(`${node} idle`));
    });
  }

  /** As {@link until}; where it is in vain, the error tells the queue and the controller's last words. */
  until<T>(
    what: string,
    ask: () => Promise<T | undefined | false> | T | undefined | false,
    guard?: number,
  ): Promise<T> {
    return until(what, ask, { tell: () => this.#tell(), ...(guard !== undefined && { guard }) });
  }

  /** Cuts the power of a machine. Slurm notices when the machine's timeout has run out. */
  powerCut(node: string): Promise<void> {
    return this.#machine(node).powerCut();
  }

  /** Starts a machine whose power was cut. */
  powerOn(node: string): void {
    this.#machine(node).powerOn();
  }

  freeze(node: string): Promise<void> {
    return this.#machine(node).freeze();
  }

  thaw(node: string): void {
    this.#machine(node).thaw();
  }

  /** Numbers of the processes of a machine, as seen from outside. */
  processes(node: string): readonly number[] {
    return this.#machine(node).processes();
  }

  /** Tells Slurm that a machine is down, which it would find out by itself later. */
  async declareDown(node: string): Promise<void> {
    const words = ['update', `nodename=${node}`, 'state=down', 'reason=declared'];
    outputOf('scontrol', await this.slurm('scontrol', ...words));
  }

  /** The log of `slurmctld`, or of the slurmd of a machine: `log('slurmd-n1')`. */
  log(daemon: string): string {
    const file = this.#logFile(daemon);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  /** Ends all that was started, and removes the folder. */
  async stop(): Promise<void> {
    await Promise.all([...this.#machines.values()].map((machine) => machine.powerCut()));
    await Promise.all(this.#daemons.map(killed));
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  #machine(node: string): Machine {
    return need(this.#machines.get(node), `a machine ${node} among ${this.nodes.join(', ')}`);
  }

  #logFile(daemon: string): string {
    return join(this.folder, 'log', `${daemon}.log`);
  }

  #daemon(program: string, args: readonly string[]): void {
    const log = join(this.folder, 'log', `${program}.said`);
    this.#daemons.push(startDaemon([program, ...args], log, this.environment));
  }

  async #tell(): Promise<string> {
    const squeue = await this.slurm('squeue', '--array');
    const sinfo = await this.slurm('sinfo', '--Node', '--long');
    const logs = ['slurmctld', ...this.nodes.map((node) => `slurmd-${node}`)];
    const last = logs.map((name) => `${name}: ${this.log(name).split('\n').slice(-8).join('\n')}`);
    return [squeue.stdout, squeue.stderr, sinfo.stdout, ...last].join('\n');
  }
}
