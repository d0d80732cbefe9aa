/** @file What a sweep was asked for, as jobs: the same in the same order wherever its plan is read. */

import type { CellJob } from '../../cells/job.ts';
import { trainingJob } from '../../cells/training.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { SweepRequest } from '../../sweeps/plan.ts';
import { planAgain, wasBeyond } from '../reproduce/stored-study.ts';
import { sweptTrainings } from './swept-trainings.ts';

/** @param load - loads a data set, for a network of a file. @throws {DataError} where a study is another by now. */
export async function requestedJobs(
  request: SweepRequest,
  load: (dataset: string) => Promise<Dataset>,
): Promise<readonly CellJob[]> {
  if (request.kind === 'trainings') {
    return (await sweptTrainings(request, load)).map(({ spec }) => trainingJob(spec));
  }
  return request.studies.flatMap((stored) => {
    const { study, plan } = planAgain(stored);
    return wasBeyond(study, stored) ? [] : plan.jobs;
  });
}
