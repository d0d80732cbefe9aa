/** @file `normscope bench --against DIR`: whole training loops of this build beside those of another. */

import os from 'node:os';
import { type Build, buildAt, ownBuild } from '../../bench/builds/build.ts';
import { compareBuilds } from '../../bench/builds/compare-builds.ts';
import type { LoopSummary, Side } from '../../bench/builds/loop-summary.ts';
import { loopsTable } from '../../bench/builds/loops-table.ts';
import { chosenLoops, type Loop } from '../../bench/builds/loops.ts';
import { observe } from '../../bench/measure.ts';
import { SettingError } from '../../errors.ts';
import { modelName } from '../../models/index.ts';
import type { AskedLowering } from '../../runtime/lowering-choice.ts';
import { type BenchOptions, reportTo, trustedLowering } from './bench-options.ts';
import { interruptSignal } from '../failure.ts';
import { print, printJson } from '../output.ts';
import { createProgressLine } from '../progress.ts';

export interface AskedBuilds {
  readonly builds: Readonly<Record<Side, Build>>;
  readonly loops: readonly Loop[];
  readonly threads: readonly number[];
  readonly lowering: AskedLowering;
  readonly rounds: number;
}

/** Whether `--against` names what steps are compared with; all else is a folder. */
export function isEngine(against: string): boolean {
  return against === 'torch' || against === 'none';
}

/** Measures and prints. @throws {SettingError} as {@link buildsPlan}. */
export async function compareWith(folder: string, given: BenchOptions): Promise<void> {
  const plan = buildsPlan(folder, given);
  const { lowering, convolution } = await trustedLowering({ ...given, lowering: plan.lowering });
  const { builds, rounds } = plan;
  const settings = plan.threads.map((threads) => ({ threads, lowering, convolution }));
  const signal = interruptSignal('the same command measures from the start');
  const line = createProgressLine();
  const circumstances = observe();
  let loops: readonly LoopSummary[];
  try {
    loops = await compareBuilds({ builds, loops: plan.loops, settings, rounds }, reportTo(line), signal);
  } finally {
    line.done();
  }
  const result = { ...circumstances(), builds, lowering, convolution, rounds, loops };
  if (given.json === true) printJson(result);
  else print(loopsTable(result));
}

/**
 * All cores unless threads are named. `auto` is what either build finds on this machine, which need not be the same: in
 * its place both take the portable lowering.
 * @throws {SettingError} for a folder that is no build, and for options that mean nothing here.
 */
export function buildsPlan(folder: string, given: BenchOptions): AskedBuilds {
  const { model, only, threads, lowering, rounds, runtime } = given;
  const idle = (['width', 'norm', 'batch', 'profile', 'curves'] as const).filter((name) => given[name] !== undefined);
  const others = [
    ...(runtime.join() === 'native' ? [] : ['runtime']),
    ...(only === undefined || only === 'steps' || only === 'probes' ? [] : [`only ${only}`]),
  ];
  const refused = [...idle, ...others].map((name) => `--${name}`);
  if (refused.length > 0 || only === 'norms' || only === 'seeds' || only === 'sharpness') {
    throw new SettingError(
      `--against DIR compares training loops whose networks are fixed, got ${refused.join(', ')}; ` +
        '--model, --only and --threads narrow them',
    );
  }
  const loops = chosenLoops({ ...(model && { model: model.map(modelName) }), ...(only && { only }) });
  return {
    builds: { here: ownBuild(), there: buildAt(folder) },
    loops,
    threads: threads ?? [os.availableParallelism()],
    lowering: lowering === 'auto' ? 'portable' : lowering,
    rounds,
  };
}
