/** @file The whole bench: which contests are held, one after the other, and what comes of them. */

import { createRequire } from 'node:module';
import os from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { NormName } from '../../norms/index.ts';
import type { ProbeName } from '../../probes/index.ts';
import type { ResolvedLowering } from '../../runtime/lowering-choice.ts';
import type { RuntimeName } from '../../runtime/ort.ts';
import { describeMachine, type Machine } from '../machine.ts';
import { type Contest, type ContestResult, type Entrant, runContest } from './contest.ts';
import type { Launch } from './step-process.ts';
import { type NetworkChoice, type Subject, subjectName, subjectSpec } from './subject.ts';
import { type ProbeSummary, type StepSummary, summariseProbe, summariseSteps } from './summary.ts';

/** What holds for all networks of a bench. */
export interface BenchSettings extends ResolvedLowering {
  readonly threads: number;
  /** Which ONNX Runtime normscope's steps run in: one engine each. */
  readonly runtimes: readonly RuntimeName[];
  readonly norm: NormName;
  readonly batchSize: number;
  /** Turns of each engine. */
  readonly rounds: number;
}

export interface BenchPlan {
  readonly settings: BenchSettings;
  /** Networks whose plain step is timed beside PyTorch's. */
  readonly steps: readonly NetworkChoice[];
  /** Networks whose step is timed without and with the landscape probe. */
  readonly probes: readonly NetworkChoice[];
  /** An interpreter that can import torch; undefined to leave PyTorch out. */
  readonly python: string | undefined;
}

export interface SkippedEngine {
  readonly network: string;
  readonly engine: string;
  readonly reason: string;
}

export interface BenchResult {
  readonly machine: Machine;
  /** Of the last minute: what else the machine had to do shows in the one before. */
  readonly load: { readonly before: number; readonly after: number };
  /** PyTorch's version, where it took part. */
  readonly torch?: string;
  readonly settings: BenchSettings;
  readonly steps: readonly StepSummary[];
  readonly probes: readonly ProbeSummary[];
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
  const before = oneMinuteLoad();
  const steps = plan.steps.map((network) => stepContest(network, plan));
  const probes = plan.probes.map((network) => probeContest(network, plan));
  const turns = [...steps, ...probes].flatMap(({ entrants }) => entrants).length * (1 + plan.settings.rounds);
  let done = 0;
  const hold = async (contests: readonly Contest[]): Promise<ContestResult[]> => {
    const results: ContestResult[] = [];
    for (const contest of contests) {
      const onTurn = (what: string): void =>
        report({ text: `${subjectName(contest.subject)}: ${what}`, done: done++, all: turns });
      results.push(await runContest(contest, plan.settings.rounds, onTurn, signal));
    }
    return results;
  };
  const stepResults = await hold(steps);
  const probeResults = await hold(probes);
  const torch = stepResults.flatMap(({ results }) => results).find(({ engine }) => engine.startsWith('torch'));
  return {
    machine: describeMachine(),
    load: { before, after: oneMinuteLoad() },
    ...(torch && { torch: torch.opening.version }),
    settings: plan.settings,
    steps: stepResults.map(summariseSteps),
    probes: probeResults.map(summariseProbe),
    skipped: stepResults.flatMap(({ subject, skipped }) =>
      skipped.map((skip) => ({ network: subjectName(subject), ...skip })),
    ),
  };
}

function stepContest(network: NetworkChoice, plan: BenchPlan): Contest {
  const { python } = plan;
  const script = fileURLToPath(new URL('./torch-steps.py', import.meta.url));
  const torch = (layout: 'nchw' | 'channels_last', engine: string): Entrant[] =>
    python === undefined ? [] : [{ engine, optional: true, launch: { command: python, args: [script, layout] } }];
  return contest(network, plan, [
    ...plan.settings.runtimes.map((runtime) => normscopeEntrant(runtime, plan, 'none')),
    ...torch('nchw', 'torch NCHW'),
    ...torch('channels_last', 'torch NHWC'),
  ]);
}

function probeContest(network: NetworkChoice, plan: BenchPlan): Contest {
  const [runtime = 'native'] = plan.settings.runtimes;
  return contest(network, plan, [
    normscopeEntrant(runtime, plan, 'none'),
    normscopeEntrant(runtime, plan, 'landscape'),
  ]);
}

function contest(network: NetworkChoice, { settings }: BenchPlan, entrants: readonly Entrant[]): Contest {
  const { norm, batchSize, threads } = settings;
  const subject: Subject = { ...network, norm, batchSize };
  const { imageShape, modelSettings } = subjectSpec(subject);
  return { subject, settings: { ...subject, imageShape, classes: modelSettings.classes, threads }, entrants };
}

function normscopeEntrant(runtime: RuntimeName, { settings }: BenchPlan, probe: ProbeName | 'none'): Entrant {
  const { command, args } = ownProcess();
  const engine = `normscope${runtime === 'native' ? '' : ` ${runtime}`}${probe === 'none' ? '' : ', probed'}`;
  const { lowering, convolution } = settings;
  return { engine, optional: false, launch: { command, args: [...args, runtime, lowering, convolution, probe] } };
}

/** From the build the process is plain JavaScript; from the sources (tests) it is TypeScript, which tsx loads. */
function ownProcess(): Launch {
  const command = process.execPath;
  const built = !import.meta.url.endsWith('.ts');
  if (built) return { command, args: [fileURLToPath(new URL('./normscope-steps.js', import.meta.url))] };
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return { command, args: ['--import', tsx, fileURLToPath(new URL('./normscope-steps.ts', import.meta.url))] };
}

function oneMinuteLoad(): number {
  return os.loadavg()[0] ?? 0;
}
