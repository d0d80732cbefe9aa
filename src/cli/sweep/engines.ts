/** @file Who hands out the tasks of a sweep, as the command line names them. */

import fs from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { StorageError } from '../../errors.ts';
import type { Engine } from '../../sweeps/plan.ts';

/** What a department's queue takes without complaint. */
const SLURM_WORKERS = 32;

/** Reads `slurm`, `here` or `ssh:FILE`. */
export function engineNamed(text: string): Engine {
  if (text === 'slurm' || text === 'here') return text;
  if (text.startsWith('ssh:') && text.length > 4) return `ssh:${resolve(text.slice(4))}`;
  throw new InvalidArgumentError('It must be slurm, here or ssh:FILE.');
}

/** Tasks at once, unless it is said. */
export function workersOf(engine: Engine): number {
  if (engine === 'slurm') return SLURM_WORKERS;
  return engine === 'here' ? 1 : hostsOf(engine).length;
}

/** The hosts of a file, one a line; GNU parallel reads the file itself. @throws {StorageError} where there is none. */
function hostsOf(engine: Exclude<Engine, 'slurm' | 'here'>): readonly string[] {
  const path = engine.slice('ssh:'.length);
  if (!fs.existsSync(path)) throw new StorageError(`Cannot read the hosts in ${path}: there is no such file`);
  const lines = fs.readFileSync(path, 'utf8').split('\n');
  const hosts = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  if (hosts.length === 0) throw new StorageError(`${path} must name a host in a line, got none`);
  return hosts;
}

/** The words that start this program, here and on machines that share its folder. */
export function programWords(): readonly [string, ...string[]] {
  const [node = '', script = ''] = process.argv;
  return [node, ...process.execArgv, fs.realpathSync(script)];
}
