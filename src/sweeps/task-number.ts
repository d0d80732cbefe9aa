/** @file Which task a worker does, where no option says so: as those who start tasks by the hundred tell them their number. */

/** Slurm's job arrays, Kubernetes' indexed jobs, AWS Batch's array jobs, GNU parallel (which counts from 1). */
const variables: readonly (readonly [string, number])[] = [
  ['SLURM_ARRAY_TASK_ID', 0],
  ['JOB_COMPLETION_INDEX', 0],
  ['AWS_BATCH_JOB_ARRAY_INDEX', 0],
  ['PARALLEL_SEQ', 1],
];

/** Undefined where none of them is set. */
export function taskNumber(environment: Readonly<Record<string, string | undefined>>): number | undefined {
  for (const [name, first] of variables) {
    const text = environment[name];
    if (text !== undefined && /^\d+$/.test(text)) return Number(text) - first;
  }
  return undefined;
}
