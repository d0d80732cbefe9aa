/**
 * @file One run of a build's command line, and how long it says that it trained. Its folders are new, since a cell that is
 * found is not trained, and are deleted.
 */

import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { counted } from '../../counted.ts';
import { ProcessError } from '../../errors.ts';
import { memoised } from '../../math/memoised.ts';
import { readJson } from '../../records/node/atomic.ts';
import { loweringText } from '../../runtime/lowering-choice.ts';
import type { Build } from './build.ts';
import { type Loop, loopCommand, type LoopSettings, type RunLength } from './loops.ts';

const COMPLAINT_LINES = 12;
const COMPLAINT_KEPT = 4000;

/**
 * Seconds from the first of a run's cells to the last, as its `log.jsonl` has them: starting Node, reading the data, the
 * self-check and the report are not in it, whose times would be noise.
 * @throws {ProcessError} with the end of what the build said, where it fails, or has not done what was asked.
 */
export async function timeRun(
  build: Build,
  loop: Loop,
  length: RunLength,
  settings: LoopSettings,
  signal?: AbortSignal,
): Promise<number> {
  signal?.throwIfAborted();
  const folder = fs.mkdtempSync(join(os.tmpdir(), 'normscope-loop-'));
  const run = join(folder, 'run');
  const words = loopCommand(loop, length, settings);
  const refuse = (why: string): ProcessError =>
    new ProcessError(`Cannot time ${build.folder}: '${words.join(' ')}' ${why}`);
  try {
    const format = (await isAskedForJson(build)) ? ['--format', 'json'] : [];
    const places = ['--runs', join(folder, 'runs'), '--out', run];
    const args = [build.program, ...words, '--json', ...format, ...places];
    const failure = await maybeFailure(args, folder, signal);
    signal?.throwIfAborted();
    if (failure !== undefined) throw refuse(failure);
    const device = deviceOf(run);
    if (device !== loweringText(settings)) throw refuse(`must compute by ${loweringText(settings)}, got ${device}`);
    const wanted = loop.networks * loop.steps[length];
    const steps = stepsOf(run);
    if (steps !== wanted) throw refuse(`must take ${counted(wanted, 'step')}, got ${steps}`);
    const seconds = secondsOf(run);
    if (seconds === undefined) throw refuse('must say in its log.jsonl how long it took');
    return seconds;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Whether a build writes `metrics.json` only where it is asked to: others have no word for that, and always write it. */
const isAskedForJson = memoised(async ({ program }: Build): Promise<boolean> => {
  const { stdout } = await promisify(execFile)(process.execPath, [program, 'help', 'run']);
  return stdout.includes('--format');
});

/** Runs Node to its end; how it failed, or undefined where it did not. */
function maybeFailure(args: readonly string[], cwd: string, signal?: AbortSignal): Promise<string | undefined> {
  // Killed outright: a run that may end in its own way would write into a folder that is being deleted.
  const child = spawn(process.execPath, [...args], {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
    killSignal: 'SIGKILL',
    ...(signal && { signal }),
  });
  let complaint = '';
  let error: Error | undefined;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-COMPLAINT_KEPT);
  });
  child.on('error', (why) => (error = why));
  return new Promise((resolve) => {
    child.on('close', (code, ended) => {
      if (code === 0) return resolve(undefined);
      const tail = complaint.trimEnd().split('\n').slice(-COMPLAINT_LINES).join('\n');
      return resolve(`ended with ${error?.message ?? ended ?? `code ${code}`}${tail === '' ? '' : `:\n${tail}`}`);
    });
  });
}

/** What a run was computed by: a build that finds its lowering wrong on this machine takes another. */
function deviceOf(run: string): string {
  const { device } = readJson(join(run, 'config.json')) as { readonly device?: Readonly<Record<string, string>> };
  return `${device?.['lowering']}, ${device?.['convolution']}`;
}

/** How many steps were trained: fewer than asked for where a training diverged. */
function stepsOf(run: string): number {
  const { records } = readJson(join(run, 'metrics.json')) as { readonly records: readonly { quantity: string }[] };
  return records.filter(({ quantity }) => quantity === 'loss').length;
}

function secondsOf(run: string): number | undefined {
  const lines = fs.readFileSync(join(run, 'log.jsonl'), 'utf8').trimEnd().split('\n');
  const events = lines.map((line) => JSON.parse(line) as { readonly event: string; readonly wallSeconds?: number });
  return events.findLast(({ event }) => event === 'finished')?.wallSeconds;
}
