/** @file `attempt.json`: who works on a cell, or made it. Beside `cell.json`, which is equal for all who make the same. */
import fs from 'node:fs';
import { cpus, hostname } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { DataError } from '../../errors.ts';
import { readJson, uniqueName, writeJson } from './atomic.ts';
import { isMissing } from './storage-errors.ts';

/** Who makes a cell, on what machine. */
export interface Maker {
  /** Unique: host, process, and digits that are drawn. The folder of the attempt is named by it. */
  readonly attempt: string;
  readonly host: string;
  readonly pid: number;
  readonly processor: string;
  /** The widest vectors that the processor computes with. */
  readonly instructions: string;
  readonly node: string;
  readonly system: string;
  /** ISO time. */
  readonly began: string;
  /** Whose checkpoints it has gone on from, and at which step, one after another. */
  readonly resumed: readonly Pick<Maker & { readonly step: number }, 'attempt' | 'host' | 'step'>[];
  /** Set by a process that has stopped on purpose: its attempt is anyone's. */
  readonly isStopped?: true;
}

const makerSchema: z.ZodType<Maker> = z.strictObject({
  attempt: z.string(),
  host: z.string(),
  pid: z.int().positive(),
  processor: z.string(),
  instructions: z.string(),
  node: z.string(),
  system: z.string(),
  began: z.string(),
  resumed: z.array(z.strictObject({ attempt: z.string(), host: z.string(), step: z.int().nonnegative() })),
  isStopped: z.literal(true).exactOptional(),
});

/** This process, as the maker of one new attempt. */
export function thisMaker(): Maker {
  const host = hostname();
  return {
    attempt: `${host.replaceAll(/[^A-Za-z0-9]+/g, '-')}-${process.pid}-${uniqueName()}`,
    host,
    pid: process.pid,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    instructions: instructionSet(),
    node: process.versions.node,
    system: `${process.platform} ${process.arch}`,
    began: new Date().toISOString(),
    resumed: [],
  };
}

/** @throws {StorageError} where the disk refuses. */
export function writeMaker(folder: string, maker: Maker): void {
  writeJson(join(folder, 'attempt.json'), { ...maker, resumed: maker.resumed.map((donor) => ({ ...donor })) });
}

/** The maker of a folder; undefined where that is not known, or is just being written. */
export function maybeMaker(folder: string): Maker | undefined {
  try {
    return makerSchema.safeParse(readJson(join(folder, 'attempt.json'))).data;
  } catch (error) {
    if (error instanceof DataError || isMissing(error)) return undefined;
    throw error;
  }
}

let known: string | undefined;

/**
 * The widest vectors of this processor: kernels are chosen by them, and with the kernels the order of sums. Of a system
 * that does not tell, the architecture stands for all of its processors.
 */
function instructionSet(): string {
  known ??= instructionsOf(process.platform === 'linux' ? fs.readFileSync('/proc/cpuinfo', 'latin1') : '');
  return known;
}

/** @param cpuinfo - the text of Linux's /proc/cpuinfo */
function instructionsOf(cpuinfo: string): string {
  const flags = new Set(/^(?:flags|Features)\s*:(.*)$/m.exec(cpuinfo)?.[1]?.trim().split(/\s+/) ?? []);
  const widest = ['amx_tile', 'avx512_vnni', 'avx512f', 'avx_vnni', 'avx2', 'avx', 'sse4_1', 'sve', 'asimddp', 'asimd'];
  return widest.find((name) => flags.has(name)) ?? process.arch;
}
