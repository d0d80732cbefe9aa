/** @file The claims of a sweep, decided where its cells are: lowering and threads are the plan's, whatever suits this machine. */

import type { Command } from 'commander';
import { isFinished } from '../../cells/node/run-cells.ts';
import type { Circumstances } from '../../cells/job.ts';
import { SettingError } from '../../errors.ts';
import { nodeDevice } from '../../runtime/node/node-device.ts';
import { checkLowering, faultText, inOneThread } from '../../runtime/self-check.ts';
import { readPlan } from '../../sweeps/node/plan-file.ts';
import type { FixedCircumstances } from '../../sweeps/plan.ts';
import { requireSameCircumstances } from './planned-circumstances.ts';
import { givenOption } from '../options.ts';
import { jobsOf, type PlannedStudy } from '../reproduce/reproduction.ts';
import { planAgain, wasBeyond } from '../reproduce/stored-study.ts';
import type { TrustedDevice } from '../trusted-device.ts';

export interface SweptClaims {
  readonly planned: readonly PlannedStudy[];
  readonly device: FixedCircumstances['device'];
  /** The folder of all cells. */
  readonly cells: string;
  /** The folder with the official files of data sets, where the plan names one. */
  readonly data: string | undefined;
}

/** What a plan says already. */
const ofPlan = new Set(['budget', 'seeds', 'firstSeed', 'tag', 'set', 'threads', 'lowering', 'convolution', 'runs']);

/** @throws {SettingError} for a plan of one's own trainings, of other code, or an option that it decides */
export function sweptClaims(file: string, words: readonly string[], command: Command): SweptClaims {
  const { path, cells, plan } = readPlan(file);
  const { request, fixed } = plan;
  if (request.kind !== 'claims') {
    throw new SettingError(
      `${file} is a sweep of trainings and tests no claim; normscope report ${file} has its results`,
    );
  }
  const decided = words.length > 0 ? 'claims' : givenOption(command, (name) => ofPlan.has(name))?.long;
  if (decided !== undefined) throw new SettingError(`The plan says what --plan runs and how; leave out ${decided}`);
  requireSameCircumstances(file, fixed);
  const planned = request.studies.map((stored): PlannedStudy => {
    const { study, plan: again } = planAgain(stored);
    const asked = wasBeyond(study, stored) ? { ...again, jobs: [] } : again;
    return { study, plan: asked, budget: stored.budget, command: `normscope reproduce --plan ${path}` };
  });
  return { planned, device: fixed.device, cells, data: plan.data };
}

/** The device of a plan, as far as it is right here: what is found needs none. */
export async function plannedDevice(device: SweptClaims['device']): Promise<TrustedDevice> {
  return { device, check: await inOneThread(nodeDevice, (open) => checkLowering(device, open)) };
}

/** @throws {SettingError} where a cell is missing that this machine cannot make as the plan asks. */
export function requireMakeable(
  planned: readonly PlannedStudy[],
  { check }: TrustedDevice,
  { circumstances, root }: { readonly circumstances: Circumstances; readonly root: string },
): void {
  if (check.passed) return;
  const missing = jobsOf(planned)
    .flatMap(({ cells }) => cells)
    .filter((cell) => !isFinished(cell, circumstances, root)).length;
  if (missing === 0) return;
  throw new SettingError(
    `This machine cannot make the ${missing} cells that are missing: lowering ${faultText(check)} here; ` +
      'have them made by normscope submit where the plan runs',
  );
}
