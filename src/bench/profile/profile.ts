/** @file Profiles a training step in a process of its own, and leaves no file behind. */

import fs from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import type { ResolvedLowering } from '../../runtime/lowering-choice.ts';
import { JsonProcess } from '../json-process.ts';
import { ownProcess } from '../own-process.ts';
import { stepSettings, type Subject } from '../subject.ts';
import type { NodeShare } from './attribution.ts';
import type { Ceilings } from './ceilings.ts';

/** Where the time of a step goes: means over the faster half of the steps, so that parts add up. */
export interface StepProfile {
  /** A step in the engine's own thread, while nothing is traced. */
  readonly stepSeconds: number;
  /** Of it, what passes before and after ONNX Runtime's session runs: feeds are checked, results copied. */
  readonly aroundSeconds: number;
  readonly nodes: readonly NodeShare[];
  readonly ceilings: Ceilings;
}

export interface SubjectProfile extends StepProfile, ResolvedLowering {
  readonly subject: Subject;
}

/** @throws {InterruptedError} by way of the signal's reason. */
export async function profile(
  subject: Subject,
  { lowering, convolution }: ResolvedLowering,
  signal?: AbortSignal,
): Promise<SubjectProfile> {
  const folder = fs.mkdtempSync(join(os.tmpdir(), 'normscope-profile-'));
  const settings = stepSettings(subject);
  const script = new URL('./profile-step.ts', import.meta.url);
  const child = new JsonProcess(ownProcess(script, [lowering, convolution, join(folder, 'trace')]), settings, signal);
  try {
    const measured = (await child.answer()) as StepProfile;
    return { subject, lowering, convolution, ...measured };
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    child.kill();
    await child.closed;
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
