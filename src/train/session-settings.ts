/** @file What a session is told when it is opened. */

import { SettingError } from '../errors.ts';
import { requireHeld } from '../graph/float-range.ts';
import type { FloatType } from '../graph/tensor-type.ts';
import type { Tensors } from '../runtime/device.ts';
import type { BatchSource } from './batch-source.ts';
import { checkOptimiser, type OptimiserSettings } from './optimisers/descent.ts';
import type { Readout } from './readout.ts';
import { checkSchedule, type ScheduleSettings } from './schedule.ts';

export interface SessionSettings {
  /** N, examples per step. */
  readonly batchSize: number;
  readonly optimiser: OptimiserSettings;
  /** Of the first step; `session.learningRate` changes it. */
  readonly learningRate: number;
  /** Default constant. */
  readonly schedule?: ScheduleSettings;
  /** What fractions of a schedule are fractions of; a constant one needs none. */
  readonly steps?: number;
  /** Keys initial weights and noise; default 0. */
  readonly seed?: number;
  readonly readouts?: readonly Readout[];
  /** Where readouts that measure on further batches get them; others do without. */
  readonly batches?: BatchSource;
  /** What norms that start from a first batch start from; others do without. */
  readonly firstBatch?: Tensors | undefined;
}

/**
 * @param float - what the problem is computed in, which must hold every number
 * @throws {SettingError}
 */
export function checkSession(
  { batchSize, optimiser, learningRate, schedule, steps, readouts = [] }: SessionSettings,
  float: FloatType,
): void {
  requireWhole('Batch size', batchSize, 1);
  if (!Number.isFinite(learningRate) || learningRate < 0) {
    throw new SettingError(`The learning rate must be a number of 0 or more, got ${learningRate}; try 0.1`);
  }
  requireHeld('The learning rate', learningRate, float, '0.1');
  checkOptimiser(optimiser, float);
  if (schedule !== undefined) {
    checkSchedule(schedule);
    const lowered = learningRate * firstLowering(schedule);
    requireHeld('The learning rate that the schedule lowers', lowered, float, 'a larger rate or factor');
  }
  if ((schedule?.kind === 'step' || schedule?.kind === 'cosine') && steps === undefined) {
    throw new SettingError(`A ${schedule.kind} schedule needs to know how many steps there are; pass 'steps'`);
  }
  const bad = readouts.find(({ every }) => !Number.isInteger(every) || every < 1);
  if (bad !== undefined) throw new SettingError(`A readout must be due every 1 step or more, got every = ${bad.every}`);
}

/** The factor that a schedule takes off the rate at once; a rate that fades to nothing at the end is as it should be. */
function firstLowering(schedule: ScheduleSettings): number {
  return schedule.kind === 'step' || schedule.kind === 'plateau' ? schedule.factor : 1;
}

/** @throws {SettingError} unless a value is a whole number that large. */
export function requireWhole(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new SettingError(`${name} must be a whole number of at least ${least}, got ${value}`);
  }
}
