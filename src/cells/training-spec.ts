/** @file What a cell that trains is asked to be: everything that fixes its trajectory, and what looks at it. */

import type { Problem } from '../problems/problem.ts';
import type { HeldProbe } from '../records/cell.ts';
import type { Place } from '../records/record.ts';
import type { TrainingSettings } from '../train/training-settings.ts';

export interface TrainingSpec {
  /** Which side of a comparison this is; a name for people, no part of the hash. */
  readonly arm: string;
  /** What is trained. */
  readonly problem: Problem;
  readonly training: TrainingSettings;
  readonly probes: readonly HeldProbe[];
  /** What else tells it from other cells of its study, for people; default: its learning rate. */
  readonly place?: Place;
}
