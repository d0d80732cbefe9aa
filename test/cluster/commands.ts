/** @file Other programs: run to their end, or kept running for no longer than whoever started them. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { ProcessError } from '../../src/errors.ts';

export type Environment = Readonly<Record<string, string>>;

/** How a program ended, and what it said. */
export interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A guard against hanging: commands of Slurm give up by themselves sooner. */
const GUARD = 80_000;

/**
 * Runs a program to its end, whatever its exit code.
 * @param environment - what is added to that of this process
 * @throws {ProcessError} where it cannot be started, or hangs
 */
export function runCommand(
  command: string,
  args: readonly string[],
  environment: Environment = {},
  folder?: string,
): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: GUARD,
      killSignal: 'SIGKILL',
      ...(folder !== undefined && { cwd: folder }),
    });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text;
      });
    }
    child.on('error', (error) => reject(new ProcessError(`Cannot start ${command}: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (signal === null) return resolve({ code, ...output });
      reject(new ProcessError(`${command} ${args.join(' ')} was ended by ${signal}; it said:\n${output.stderr}`));
    });
  });
}

/** What a program that ended well has said. @throws {ProcessError} with its own words where it did not end well. */
export function outputOf(command: string, { code, stdout, stderr }: Ending): string {
  if (code !== 0) throw new ProcessError(`${command} must end with 0, got ${code}; it said:\n${stderr}${stdout}`);
  return stdout;
}

/**
 * Starts a program that stays, with what it says in a file. The kernel kills it when this process ends, in whatever way: no test
 * leaves a daemon behind.
 */
export function startDaemon(words: readonly string[], log: string, environment: Environment = {}): ChildProcess {
  const file = openSync(log, 'a');
  try {
    return spawn('setpriv', ['--pdeathsig', 'KILL', ...words], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', file, file],
    });
  } finally {
    closeSync(file);
  }
}

/** Resolves when a daemon is gone. */
export function ended(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null || daemon.pid === undefined) return Promise.resolve();
  return new Promise((resolve) => daemon.once('exit', () => resolve()));
}

/** Kills a daemon; resolves when it is gone. */
export function killed(daemon: ChildProcess): Promise<void> {
  daemon.kill('SIGKILL');
  return ended(daemon);
}

/** Whether a shell finds a program of that name. */
export function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
