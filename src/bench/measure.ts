/** @file The whole bench: its contests are held one after the other, and what comes of them is summed up. */

import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { describeMachine, type Machine } from '../report/node/machine.ts';
import { blockSize, type LoweringName, type ResolvedLowering } from '../runtime/lowering-choice.ts';
import type { RuntimeName } from '../runtime/runtime-name.ts';
import { type Contest, type ContestResult, type Entrant, runContest } from './contest.ts';
import type { NormSubject, ProbedSubject } from './contests.ts';
import type { Variant } from './normscope-steps.ts';
import { ownProcess } from './own-process.ts';
import { type Subject, stepSettings, subjectName } from './subject.ts';
import {
  type NormSummary,
  type ProbeSummary,
  type StepSummary,
  summariseNorm,
  summariseProbe,
  summariseSteps,
} from './summary.ts';

/** What holds for all contests of a bench. */
export interface BenchSettings extends ResolvedLowering {
  /** Which ONNX Runtime normscope's steps run in: one engine each. */
  readonly runtimes: readonly RuntimeName[];
  /** Turns of each engine. */
  readonly rounds: number;
}

export interface BenchPlan {
  readonly settings: BenchSettings;
  /** What is timed beside PyTorch. */
  readonly steps: readonly Subject[];
  /** What is timed without and with probes. */
  readonly probes: readonly ProbedSubject[];
  /** What is timed beside batch norm, several cells at once. */
  readonly norms: readonly NormSubject[];
  /** An interpreter that can import torch; undefined to leave PyTorch out. */
  readonly python: string | undefined;
}

export interface SkippedEngine {
  readonly network: string;
  readonly engine: string;
  readonly reason: string;
}

/** The machine, and how busy it was. */
export interface Circumstances {
  readonly machine: Machine;
  /** Of the last minute: what else the machine had to do shows in the one before. */
  readonly load: { readonly before: number; readonly after: number };
}

export interface BenchResult extends Circumstances {
  /** PyTorch's version, where it took part. */
  readonly torch?: string;
  readonly settings: BenchSettings;
  readonly steps: readonly StepSummary[];
  readonly probes: readonly ProbeSummary[];
  readonly norms: readonly NormSummary[];
  readonly skipped: readonly SkippedEngine[];
}

export interface BenchProgress {
  readonly text: string;
  readonly done: number;
  /** Starts and turns in all. */
  readonly all: number;
}

/** Holds all contests. @throws {InterruptedError} by way of the signal's reason. */
export async function measure(
  plan: BenchPlan,
  report: (progress: BenchProgress) => void,
  signal?: AbortSignal,
): Promise<BenchResult> {
  const { settings } = plan;
  const circumstances = observe();
  const steps = plan.steps.map((subject) => stepContest(subject, plan));
  const probes = plan.probes.map((probed) => probeContest(probed, settings));
  const norms = plan.norms.map((subject) => normContest(subject, settings));
  const results = await hold([...steps, ...probes, ...norms], settings.rounds, report, signal);
  const stepResults = results.slice(0, steps.length);
  const normResults = results.slice(steps.length + probes.length);
  const torch = stepResults.flatMap((result) => result.results).find(({ engine }) => engine.startsWith('torch'));
  return {
    ...circumstances(),
    ...(torch && { torch: torch.opening.version }),
    settings,
    steps: stepResults.map(summariseSteps),
    probes: probes.map((_, i) => summariseProbe(plan.probes[i]?.title ?? '', results[steps.length + i])),
    norms: plan.norms.map((subject, i) => summariseNorm(subject, normResults[i])),
    skipped: stepResults.flatMap(({ subject, skipped }) =>
      skipped.map((skip) => ({ network: subjectName(subject), ...skip })),
    ),
  };
}

/** Holds contests one after the other; `report` is called before each start and each turn. */
export async function hold(
  contests: readonly Contest[],
  rounds: number,
  report: (progress: BenchProgress) => void,
  signal?: AbortSignal,
): Promise<readonly ContestResult[]> {
  const all = contests.flatMap(({ entrants }) => entrants).length * (1 + rounds);
  let done = 0;
  const results: ContestResult[] = [];
  for (const contest of contests) {
    const onTurn = (what: string): void =>
      report({ text: `${subjectName(contest.subject)}: ${what}`, done: done++, all });
    results.push(await runContest(contest, rounds, onTurn, signal));
  }
  return results;
}

/** Looks at the machine now, and once more when the result is called. */
export function observe(): () => Circumstances {
  const before = oneMinuteLoad();
  return () => ({ machine: describeMachine(), load: { before, after: oneMinuteLoad() } });
}

function stepContest(subject: Subject, { settings, python }: BenchPlan): Contest {
  const script = fileURLToPath(new URL('./torch-steps.py', import.meta.url));
  const torch = (layout: 'nchw' | 'channels_last', engine: string): Entrant[] =>
    python === undefined ? [] : [{ engine, optional: true, launch: { command: python, args: [script, layout] } }];
  return contest(subject, [
    ...settings.runtimes.map((runtime) => normscopeEntrant(runtime, settings)),
    ...torch('nchw', 'torch NCHW'),
    ...torch('channels_last', 'torch NHWC'),
  ]);
}

function probeContest({ subject, probes }: ProbedSubject, settings: BenchSettings): Contest {
  const [runtime = 'native'] = settings.runtimes;
  return contest(subject, [normscopeEntrant(runtime, settings), normscopeEntrant(runtime, settings, { probes })]);
}

function normContest({ subject, norm, cells }: NormSubject, settings: BenchSettings): Contest {
  const [runtime = 'native'] = settings.runtimes;
  const variants = [{ cells }, { cells, norm }];
  return contest(
    subject,
    variants.map((variant) => normscopeEntrant(runtime, settings, variant)),
  );
}

export function contest(subject: Subject, entrants: readonly Entrant[]): Contest {
  return { subject, settings: stepSettings(subject), entrants };
}

export function normscopeEntrant(runtime: RuntimeName, settings: ResolvedLowering, variant: Variant = {}): Entrant {
  const { probes, norm } = variant;
  const what = `${probes === undefined ? '' : ', probed'}${norm === undefined ? '' : `, ${norm}`}`;
  const engine = `normscope${runtime === 'native' ? '' : ` ${runtime}`}${what}`;
  const script = new URL('./normscope-steps.ts', import.meta.url);
  const args = [runtime, loweringIn(runtime, settings), settings.convolution, JSON.stringify(variant)];
  return { engine, optional: false, launch: ownProcess(script, args) };
}

/** The lowering that an engine really takes: WebAssembly has no kernels for blocked layouts. */
export function loweringIn(runtime: RuntimeName, { lowering }: ResolvedLowering): LoweringName {
  return runtime === 'wasm' && blockSize(lowering) !== undefined ? 'portable' : lowering;
}

function oneMinuteLoad(): number {
  return os.loadavg()[0] ?? 0;
}
