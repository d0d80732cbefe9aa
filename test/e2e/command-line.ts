/** @file The built program as its users run it: a process in a folder of its own, without network and cached data. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { copyProgram } from './synthetic-program.ts';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const series = fileURLToPath(new URL('./command-series.mjs', import.meta.url));

/** How a process ended, and what it said. */
export interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A limit against hanging for a series of commands, which is many times as long as one. */
export const patience = 300_000;

/** A command line, and the folder that it is given in. */
export interface Call {
  readonly cwd: string;
  readonly args: readonly string[];
}

export interface RunningProgram {
  readonly process: ChildProcess;
  readonly ending: Promise<Ending>;
  /** Resolves when the text has appeared on standard error. Rejects where the process ends without it. */
  readonly said: (text: string) => Promise<void>;
}

export interface Circumstances {
  readonly env?: Readonly<Record<string, string>>;
  /** Trains on made-up images; without, only what the environment offers is there. */
  readonly isSynthetic?: boolean;
  /** Shell words that come first, such as `ulimit -f 10;`. */
  readonly shell?: string;
}

/** A folder for one file of tests, removed after them, where programs run. */
export class Place {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'normscope-e2e-'));
  readonly #env: NodeJS.ProcessEnv;
  #count = 0;
  #synthetic: string | undefined;

  constructor() {
    const bin = join(this.folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'npm'), '#!/bin/sh\necho "npm error network unreachable" >&2\nexit 1\n', { mode: 0o755 });
    const { NORMSCOPE_DATA: _, NODE_OPTIONS: __, ...outer } = process.env;
    this.#env = {
      ...outer,
      PATH: `${bin}:${outer['PATH'] ?? ''}`,
      XDG_CACHE_HOME: join(this.folder, 'cache'),
      NO_COLOR: '1',
    };
    afterAll(() => rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 }));
  }

  /** A new, empty working folder. */
  newFolder(): string {
    this.#count += 1;
    const folder = join(this.folder, `work-${this.#count}`);
    mkdirSync(folder);
    return folder;
  }

  /** Runs the program to its end. */
  run(cwd: string, args: readonly string[], circumstances: Circumstances = {}): Promise<Ending> {
    return this.start(cwd, args, circumstances).ending;
  }

  /**
   * Runs the program once for each call, one after the other in one process: for those that neither train nor wait, of
   * which the start of a process would be nearly all. How each ended, in their order.
   */
  async runEach(calls: readonly Call[], circumstances: Circumstances = {}): Promise<readonly Ending[]> {
    const { ending } = this.#begin(
      this.folder,
      [series, this.#program(circumstances), JSON.stringify(calls)],
      circumstances,
    );
    const { code, stdout, stderr } = await ending;
    if (code !== 0) throw new Error(`A series of commands must end with 0, got ${code}: ${stderr}`);
    return JSON.parse(stdout) as readonly Ending[];
  }

  start(cwd: string, args: readonly string[], circumstances: Circumstances = {}): RunningProgram {
    return this.#begin(cwd, [this.#program(circumstances), ...args], circumstances);
  }

  #program({ isSynthetic = false }: Circumstances): string {
    if (!isSynthetic) return program;
    return (this.#synthetic ??= copyProgram(join(this.folder, 'synthetic')));
  }

  #begin(cwd: string, script: readonly string[], circumstances: Circumstances): RunningProgram {
    const { env = {}, shell = '' } = circumstances;
    const words = [process.execPath, ...script];
    // exec: signals reach the program itself.
    const child = spawn('sh', ['-c', `${shell} exec "$@"`, 'sh', ...words], {
      cwd,
      env: { ...this.#env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    const listeners = new Set<() => void>();
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text;
        for (const listen of listeners) listen();
      });
    }
    const ending = new Promise<Ending>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, ...output }));
    });
    const said = (text: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (output.stderr.includes(text)) resolve();
        };
        listeners.add(look);
        look();
        void ending.then(() => reject(new Error(`The program ended without saying '${text}': ${output.stderr}`)));
      });
    return { process: child, ending, said };
  }
}
