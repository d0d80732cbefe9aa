/** @file The options of `normscope bench`, and what all its instruments make of them. */

import type { Named } from '../../bench/contests.ts';
import type { BenchProgress } from '../../bench/measure.ts';
import { modelName } from '../../models/index.ts';
import { normName } from '../../norms/index.ts';
import type { AskedLowering, ConvolutionName, ResolvedLowering } from '../../runtime/lowering-choice.ts';
import type { RuntimeName } from '../../runtime/runtime-name.ts';
import { deviceFrom } from '../options.ts';
import { type ProgressLine, TimeLeft } from '../progress.ts';
import { trustedDevice } from '../trusted-device.ts';

export interface BenchOptions {
  readonly model?: readonly string[];
  readonly width?: number;
  readonly norm?: readonly string[];
  readonly batch?: readonly number[];
  readonly threads?: readonly number[];
  readonly rounds: number;
  readonly lowering: AskedLowering;
  readonly convolution?: ConvolutionName;
  readonly runtime: readonly RuntimeName[];
  /** torch, none, or the folder of another build. */
  readonly against: string;
  readonly only?: 'steps' | 'probes' | 'norms' | 'sharpness' | 'seeds';
  readonly profile?: boolean;
  readonly curves?: boolean;
  readonly json?: boolean;
}

/** Says on a line how far a bench is, and how long it will take. */
export function reportTo(line: ProgressLine): (progress: BenchProgress) => void {
  const timeLeft = new TimeLeft();
  return ({ text, done, all }) => line.update(`${timeLeft.text(done, all)} | ${text}`);
}

/** What normscope's steps are computed by, as a run on this machine would have it. */
export async function trustedLowering(
  given: Pick<BenchOptions, 'lowering' | 'convolution'>,
): Promise<ResolvedLowering> {
  const { device } = await trustedDevice(deviceFrom({ ...given, threads: 1 }));
  return { lowering: device.lowering, convolution: device.convolution };
}

/** @throws {SettingError} for names that are not known. */
export function namedBy(
  { model, norm, width, batch, threads }: BenchOptions,
  defaultThreads: readonly number[],
): Named {
  return {
    ...(model && { model: model.map(modelName) }),
    ...(width !== undefined && { width }),
    ...(norm && { norm: norm.map(normName) }),
    ...(batch && { batch }),
    threads: threads ?? defaultThreads,
  };
}
