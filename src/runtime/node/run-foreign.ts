/**
 * @file Runs a model that normscope did not make in a process of its own: ONNX Runtime may abort on a hostile file, or want
 * more memory than there is, and neither must take anything else along.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { DataError, ProcessError } from '../../errors.ts';
import type { ForeignRequest, ForeignResult, RunForeign } from '../foreign.ts';

/** What the process says before it ends. */
export type ForeignAnswer = { readonly results: readonly ForeignResult[] } | { readonly refused: string };

export interface ForeignLimits {
  /** Default 60. */
  readonly seconds?: number;
  /** Resident, seen on Linux alone; default 4 GiB. */
  readonly bytes?: number;
}

const CHECK_EVERY_MS = 50;
const PAGE_BYTES = 4096;
const MEGABYTE = 1_048_576;

export function foreignRunner({ seconds = 60, bytes = 4096 * MEGABYTE }: ForeignLimits = {}): RunForeign {
  return (request) =>
    new Promise((resolve, reject) => {
      const child = startChild();
      let answer: ForeignAnswer | undefined;
      let why = '';
      const stop = (reason: string): void => {
        why = reason;
        child.kill('SIGKILL');
      };
      const clock = setTimeout(() => stop(`it took more than ${seconds} s`), 1000 * seconds);
      const watch = setInterval(() => {
        if (residentBytes(child) > bytes) stop(`it took more than ${Math.round(bytes / MEGABYTE)} MB`);
      }, CHECK_EVERY_MS);
      child.once('error', (error) => {
        why = error.message;
      });
      child.once('message', (message: ForeignAnswer) => {
        answer = message;
      });
      child.once('close', (code, signal) => {
        clearTimeout(clock);
        clearInterval(watch);
        if (answer === undefined) {
          const end = why || `its process ended with ${signal === null ? `code ${code}` : signal}`;
          reject(
            new ProcessError(
              `ONNX Runtime must be able to run the model, but ${end}; the model was not trusted further`,
            ),
          );
        } else if ('refused' in answer) {
          reject(new DataError(answer.refused));
        } else resolve(answer.results);
      });
      send(child, request);
    });
}

function send(child: ChildProcess, request: ForeignRequest): void {
  // A child that is gone says so by its 'close'; what the pipe says of it adds nothing.
  child.send(request, () => undefined);
}

/** From the build the child is plain JavaScript; from the sources (tests) it is TypeScript, which tsx loads. */
function startChild(): ChildProcess {
  const isSource = import.meta.url.endsWith('.ts');
  const entry = new URL(isSource ? './foreign-child.ts' : './foreign-child.js', import.meta.url);
  const tsx = isSource ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href] : [];
  return fork(fileURLToPath(entry), [], {
    execArgv: tsx,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

/** 0 where the system does not say. */
function residentBytes({ pid }: ChildProcess): number {
  try {
    const [, pages = '0'] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
    return PAGE_BYTES * Number(pages);
  } catch {
    return 0;
  }
}
