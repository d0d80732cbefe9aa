/** @file What the folder of a run says about it: what was asked for, on what machine, which cells it used, when what ended. */

import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import type { TrainingSpec } from '../../cells/training-spec.ts';
import { DataError, StorageError } from '../../errors.ts';
import type { ClassifierSettings } from '../../problems/classifier.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import { readJson } from '../../records/node/atomic.ts';
import type { Place } from '../../records/record.ts';
import type { Machine } from '../../report/node/machine.ts';
import type { DeviceSettings } from '../../runtime/device.ts';
import { convolutionName, loweringNames, type ResolvedLowering } from '../../runtime/lowering-choice.ts';
import type { SelfCheck } from '../../runtime/self-check.ts';
import type { TrainingSettings } from '../../train/training-settings.ts';

/** A cell as a manifest names it. */
export interface StoredCell {
  readonly arm: string;
  readonly seed: number;
  readonly setting: Place;
  readonly hash: string;
}

type StoredDevice = DeviceSettings & ResolvedLowering;

/** A run of studies, as its `config.json` has it. */
export interface ReproductionConfig {
  readonly command: 'reproduce';
  readonly device: StoredDevice;
  readonly studies: readonly {
    readonly name: string;
    readonly budget: string;
    readonly protocol: JsonObject;
    readonly rule: JsonObject;
  }[];
}

/** A run of one training. */
export interface TrainingConfig extends Pick<TrainingSpec, 'training' | 'probes'> {
  readonly command: 'run';
  readonly device: StoredDevice;
  readonly problem: StoredProblem;
}

/** What a problem says of itself: the name of its network, and the settings that it was made by. */
export interface StoredProblem extends ClassifierSettings {
  readonly problem: string;
  readonly network: string;
}

export interface RunManifest {
  readonly machine: Machine;
  readonly device: StoredDevice;
  readonly selfCheck: SelfCheck;
  readonly parallel: number;
  readonly data: readonly { readonly name: string; readonly source: string; readonly checksum: string }[];
  readonly cells: readonly StoredCell[];
  /** What a run of studies has beside them; runs of earlier versions have not. */
  readonly studies?: readonly StoredStudy[] | undefined;
}

/** The command that repeats a study, and its cells in its own order. */
export interface StoredStudy {
  readonly name: string;
  readonly command: string;
  readonly cells: readonly StoredCell[];
}

interface RunEvent {
  readonly time: string;
  readonly event: string;
  readonly study?: string | undefined;
  readonly wallSeconds?: number | undefined;
  readonly hasWorked?: boolean | undefined;
}

const jsonObject = z.record(z.string(), z.json());
/** JSON lacks them: a manifest has them as words. */
const anyNumber = z.union([z.number(), z.literal(['NaN', 'Infinity', '-Infinity']).transform(Number)]);
const lowering = { lowering: z.literal(loweringNames), convolution: z.string().transform(convolutionName) };
const device = z.object({ threads: z.int(), ...lowering });
const cell = z.object({
  arm: z.string(),
  seed: z.int(),
  setting: z.record(z.string(), z.union([z.string(), z.number()])),
  hash: z.string(),
});

const configSchema: z.ZodType<ReproductionConfig | TrainingConfig> = z.discriminatedUnion('command', [
  z.object({
    command: z.literal('reproduce'),
    device,
    studies: z.array(z.object({ name: z.string(), budget: z.string(), protocol: jsonObject, rule: jsonObject })),
  }),
  z.object({
    command: z.literal('run'),
    device,
    // Both written by the program from checked settings.
    problem: z.custom<StoredProblem>((value) => typeof value === 'object' && value !== null && 'network' in value),
    training: z.custom<TrainingSettings>((value) => typeof value === 'object' && value !== null),
    probes: z.array(z.object({ name: z.string(), settings: jsonObject })),
  }),
]);

const manifestSchema: z.ZodType<RunManifest> = z.object({
  machine: z.object({
    normscope: z.string(),
    node: z.string(),
    onnxruntime: z.string(),
    system: z.string(),
    processor: z.string(),
    cores: z.int(),
    memoryBytes: z.int(),
  }),
  device,
  selfCheck: z.object({ ...lowering, error: anyNumber, passed: z.boolean() }),
  parallel: z.int(),
  data: z.array(z.object({ name: z.string(), source: z.string(), checksum: z.string() })),
  cells: z.array(cell),
  studies: z.array(z.object({ name: z.string(), command: z.string(), cells: z.array(cell) })).optional(),
});

const eventSchema: z.ZodType<RunEvent> = z.object({
  time: z.string(),
  event: z.string(),
  study: z.string().optional(),
  wallSeconds: z.number().optional(),
  hasWorked: z.boolean().optional(),
});

/** The folder of a run by any name that it goes by: its own, or that of its report. */
export function runPath(word: string): string {
  return basename(word) === 'report.html' ? dirname(word) : word;
}

/** What was asked for. @throws {StorageError} where the folder is no run. @throws {DataError} where its config is not one. */
export function runConfig(path: string): ReproductionConfig | TrainingConfig {
  const file = join(path, 'config.json');
  if (!fs.existsSync(file)) {
    throw new StorageError(
      `Cannot read ${path} as a run: it has no config.json; give the folder that a run has printed, as runs/<time>-<name>`,
    );
  }
  return parsed(file, configSchema);
}

/** Undefined until the run has come to its end. @throws {DataError} where it is no manifest. */
export function runManifest(path: string): RunManifest | undefined {
  const file = join(path, 'manifest.json');
  return fs.existsSync(file) ? parsed(file, manifestSchema) : undefined;
}

/** All that happened, in order; lines that a crash has cut are left out. */
export function runEvents(path: string): readonly RunEvent[] {
  const file = join(path, 'log.jsonl');
  if (!fs.existsSync(file)) return [];
  return fs
    .readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => eventOf(line) ?? []);
}

/** How long the cells of a study, or of a training, took; undefined where all were found. */
export function runSeconds(path: string, study?: string): number | undefined {
  const ended = runEvents(path).filter((event) => event.event === 'finished' && event.study === study);
  const last = ended.at(-1);
  return last?.hasWorked === true ? last.wallSeconds : undefined;
}

function eventOf(line: string): RunEvent | undefined {
  try {
    return eventSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

function parsed<T>(file: string, schema: z.ZodType<T>): T {
  const read = schema.safeParse(readJson(file));
  if (read.success) return read.data;
  throw new DataError(`${file} must be what a run has written: ${z.prettifyError(read.error).replaceAll('\n', ' ')}`);
}
