/** @file One fake machine: a slurmd with a host name and processes of its own, whose power can be cut. */

import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { type Environment, ended, startDaemon } from './commands.ts';
import { until } from './waiting.ts';

export class Machine {
  readonly name: string;
  readonly #log: string;
  readonly #environment: Environment;
  #daemon: ChildProcess | undefined;

  constructor(name: string, log: string, environment: Environment) {
    this.name = name;
    this.#log = log;
    this.#environment = environment;
  }

  powerOn(): void {
    // Killed, unshare takes its child along, and with that, the first process of its namespace, all others there.
    const unshare = ['unshare', '--pid', '--uts', '--mount', '--mount-proc', '--fork', '--kill-child=KILL'];
    const boot = ['sh', '-c', 'hostname "$1" && exec slurmd -D -N "$1"', 'boot', this.name];
    this.#daemon = startDaemon([...unshare, ...boot], this.#log, this.#environment);
  }

  /** All processes of the machine end at once, and say nothing to anybody. */
  async powerCut(): Promise<void> {
    const daemon = this.#daemon;
    if (daemon === undefined) return;
    const before = this.processes();
    // Its first process, with which the namespace ends, is left to unshare to bury: not all containers bury orphans.
    for (const id of childrenOf(daemon.pid)) send(id, 'SIGKILL');
    if (before.length === 0) daemon.kill('SIGKILL');
    await ended(daemon);
    this.#daemon = undefined;
    await until(`the processes of ${this.name} to be gone`, () => before.every((id) => isOver(id)));
  }

  /** All processes of the machine stop, as where a disk or a network hangs; connections stay open. */
  async freeze(): Promise<void> {
    // What was being started meanwhile is found by the next look.
    await until(`${this.name} to be frozen`, () => {
      const moving = this.processes().filter((id) => !['T', 'Z'].includes(stateOf(id)));
      for (const id of moving) send(id, 'SIGSTOP');
      return moving.length === 0;
    });
  }

  thaw(): void {
    for (const id of this.processes()) send(id, 'SIGCONT');
  }

  /** As numbered outside of the machine. */
  processes(): readonly number[] {
    const own = namespaceOf(this.#daemon?.pid, 'pid_for_children');
    if (own === undefined) return [];
    // Until unshare has done its work, its children would live where it lives itself.
    if (own === namespaceOf(process.pid, 'pid')) return [];
    return readdirSync('/proc')
      .map(Number)
      .filter((id) => id > 0 && namespaceOf(id, 'pid') === own);
  }
}

function namespaceOf(id: number | undefined, kind: string): string | undefined {
  try {
    return readlinkSync(`/proc/${id}/ns/${kind}`);
  } catch {
    return undefined;
  }
}

function childrenOf(id: number | undefined): readonly number[] {
  try {
    return readFileSync(`/proc/${id}/task/${id}/children`, 'utf8').split(' ').map(Number).filter(Boolean);
  } catch {
    return [];
  }
}

/** One letter, as ps has it: T is stopped, Z over but not yet asked for; X where there is none. */
export function stateOf(id: number): string {
  try {
    // The name before it may hold blanks and brackets.
    return readFileSync(`/proc/${id}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .charAt(0);
  } catch {
    return 'X';
  }
}

/** Whether a process has ended, asked for by its parent or not. */
export function isOver(id: number): boolean {
  return ['X', 'Z'].includes(stateOf(id));
}

function send(id: number, signal: NodeJS.Signals): void {
  try {
    process.kill(id, signal);
  } catch {
    // It has ended meanwhile.
  }
}
