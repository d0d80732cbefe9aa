/**
 * @file The plan of a sweep: which cells, in which tasks, with what code, engine and data. It is a file that people read and
 * every engine follows alike; what has been done is told by the folder of cells alone.
 */

import * as z from 'zod';
import type { JsonObject } from '../records/canonical-json.ts';
import type { HeldProbe } from '../records/cell.ts';
import { convolutionName, loweringNames, type ResolvedLowering } from '../runtime/lowering-choice.ts';

/** A study with its protocol, as the config of a run has it. */
export interface PlannedClaim {
  readonly name: string;
  readonly budget: string;
  readonly protocol: JsonObject;
  readonly rule: JsonObject;
}

/** One option of a training that takes several values. */
export interface SweepAxis {
  /** As it is written on the command line, without hyphens: `lr`, or `norm-set groups` for a setting of the norm. */
  readonly name: string;
  readonly values: readonly string[];
}

/** Trainings of one network: all combinations of the axes, each with all seeds. */
export interface TrainingsRequest {
  readonly kind: 'trainings';
  readonly model: string;
  /** What all share, as words of `normscope run`. */
  readonly words: readonly string[];
  readonly axes: readonly SweepAxis[];
  readonly seeds: readonly number[];
}

/** What a sweep was asked for: from it the worker makes the same jobs again, in the same order. */
export type SweepRequest = { readonly kind: 'claims'; readonly studies: readonly PlannedClaim[] } | TrainingsRequest;

/** What decides the numbers of cells beside what they are asked: a host where any of it differs makes none of them. */
export interface FixedCircumstances {
  readonly normscope: string;
  /** Hash of the code that computes. */
  readonly code: string;
  readonly onnxruntime: string;
  readonly device: ResolvedLowering & { readonly threads: number };
  /** Checksums of data sets by name. */
  readonly data: Readonly<Record<string, string>>;
}

/** One cell or several that are made together. */
export interface PlannedJob {
  /** For people: "batch, learning rate 0.1, seed 3". */
  readonly name: string;
  readonly cells: readonly {
    readonly hash: string /** Which of the plan's sets it holds. */;
    readonly probes: number;
  }[];
  /** Estimated, by one network at a time on the machine that planned. */
  readonly seconds: number;
}

/** Who hands out the tasks: Slurm, this machine, or hosts of a file by ssh. */
export type Engine = 'slurm' | 'here' | `ssh:${string}`;

export interface Plan {
  readonly format: 1;
  /** The command that made it. */
  readonly command: string;
  readonly on: Engine;
  readonly request: SweepRequest;
  readonly fixed: FixedCircumstances;
  /** The folder of all cells, from the plan's own folder: both may be mounted elsewhere on other machines. */
  readonly cells: string;
  /** The folder with the official files of data sets, where one was named. */
  readonly data?: string | undefined;
  /** Tasks at once. */
  readonly workers: number;
  /** Cells at once in a task. */
  readonly parallel: number;
  /** Disk that all missing cells take, estimated. */
  readonly bytes: number;
  /** What cells are to hold beside loss and accuracy; a cell of several studies holds the probes of all. */
  readonly probes: readonly (readonly HeldProbe[])[];
  readonly jobs: readonly PlannedJob[];
  /** Which jobs each task does, by their numbers. Jobs that were finished when this was planned are in none. */
  readonly tasks: readonly (readonly number[])[];
}

const json = z.record(z.string(), z.json());
const words = z.array(z.string());
const count = z.int().positive();

export const planSchema: z.ZodType<Plan> = z.object({
  format: z.literal(1),
  command: z.string(),
  on: z.union([z.literal(['slurm', 'here']), z.templateLiteral(['ssh:', z.string()])]),
  request: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('claims'),
      studies: z.array(z.object({ name: z.string(), budget: z.string(), protocol: json, rule: json })),
    }),
    z.object({
      kind: z.literal('trainings'),
      model: z.string(),
      words,
      axes: z.array(z.object({ name: z.string(), values: words })),
      seeds: z.array(z.int()),
    }),
  ]),
  fixed: z.object({
    normscope: z.string(),
    code: z.string(),
    onnxruntime: z.string(),
    device: z.object({
      threads: count,
      lowering: z.literal(loweringNames),
      convolution: z.string().transform(convolutionName),
    }),
    data: z.record(z.string(), z.string()),
  }),
  cells: z.string(),
  data: z.string().optional(),
  workers: count,
  parallel: count,
  bytes: z.number(),
  probes: z.array(z.array(z.object({ name: z.string(), settings: json }))),
  jobs: z.array(
    z.object({
      name: z.string(),
      cells: z.array(z.object({ hash: z.string(), probes: z.int().nonnegative() })).min(1),
      seconds: z.number(),
    }),
  ),
  tasks: z.array(z.array(z.int().nonnegative()).min(1)),
});

/** What is planned otherwise than it would be here, one sentence each; none where this machine makes the same numbers. */
export function differences(planned: FixedCircumstances, here: FixedCircumstances): readonly string[] {
  const pairs: readonly (readonly [string, string, string | undefined])[] = [
    ['the code of normscope', planned.code, here.code],
    ['ONNX Runtime', planned.onnxruntime, here.onnxruntime],
    ...Object.entries(planned.data).map(
      ([name, checksum]) => [`the checksum of ${name}`, checksum, here.data[name]] as const,
    ),
  ];
  return pairs
    .filter(([, then, now]) => then !== now)
    .map(([what, then, now]) => `${what} is ${shortened(now ?? 'missing')} here and ${shortened(then)} in the plan`);
}

/** Hashes are told apart by their first digits. */
function shortened(text: string): string {
  return /^[0-9a-f]{32,}$/.test(text) ? text.slice(0, 12) : text;
}
