import { expect, it } from 'vitest';
import { taskNumber } from './task-number.ts';

it.each<[Record<string, string>, number | undefined]>([
  [{}, undefined],
  [{ SLURM_ARRAY_TASK_ID: '0' }, 0],
  [{ JOB_COMPLETION_INDEX: '17' }, 17],
  [{ AWS_BATCH_JOB_ARRAY_INDEX: '3' }, 3],
  [{ PARALLEL_SEQ: '1' }, 0],
  [{ SLURM_ARRAY_TASK_ID: 'x' }, undefined],
  // GNU parallel within a task of Slurm counts for itself, and is told its task by an option.
  [{ PARALLEL_SEQ: '5', SLURM_ARRAY_TASK_ID: '2' }, 2],
])('%j is task %s', (environment, task) => expect(taskNumber(environment)).toBe(task));
