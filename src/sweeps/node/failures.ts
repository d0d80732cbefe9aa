/** @file What went wrong in a sweep: a file for every cell that failed, and for every host that does not compute right. */

import fs from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { listFolder, makeFolder, readJson, writeJson } from '../../records/node/atomic.ts';
import { withStorageErrors } from '../../records/node/storage-errors.ts';
import { sweepFiles } from './plan-file.ts';

/** Why something failed, and where. */
export interface Failure {
  readonly name: string;
  readonly host: string;
  readonly message: string;
  /** ISO time. */
  readonly time: string;
}

const schema: z.ZodType<Failure> = z.object({
  name: z.string(),
  host: z.string(),
  message: z.string(),
  time: z.string(),
});

/** Failures by what they are of: the hash of a cell, or the name of a host. */
export class Failures {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static ofCells(sweep: string): Failures {
    return new Failures(join(sweep, sweepFiles.failures));
  }

  static ofHosts(sweep: string): Failures {
    return new Failures(join(sweep, sweepFiles.hosts));
  }

  /** Notes one; a later one of the same takes its place. */
  note(key: string, name: string, error: unknown): void {
    makeFolder(this.#folder);
    const message = error instanceof Error ? error.message : String(error);
    writeJson(join(this.#folder, `${key}.json`), { name, host: hostname(), message, time: new Date().toISOString() });
  }

  /** Keys of all that are noted. */
  get keys(): readonly string[] {
    return listFolder(this.#folder).flatMap((name) => (/^[^.].*\.json$/.test(name) ? [name.slice(0, -5)] : []));
  }

  /** Undefined where it is not noted. */
  of(key: string): Failure | undefined {
    const path = join(this.#folder, `${key}.json`);
    return fs.existsSync(path) ? schema.safeParse(readJson(path)).data : undefined;
  }

  forget(key: string): void {
    const path = join(this.#folder, `${key}.json`);
    withStorageErrors('delete', path, () => fs.rmSync(path, { force: true }));
  }
}
