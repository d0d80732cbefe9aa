/** @file The public API under Node: everything that can be imported from 'normscope'. */

// What runs on every platform: problems, training, probes, graphs.
export * from './everywhere.ts';

// A device in a thread of Node, and real data.
export { openDevice } from './runtime/node/open-device.ts';
export { datasetChecksum, loadDataset } from './data/node/load-dataset.ts';

// Studies of claims, and what they come to.
export { findStudy, selectStudies, studies } from './studies/index.ts';
export type { Budget, PlanRequest, Study, StudyPlan } from './studies/study.ts';
export type { PairingResult, PartResult, StudyResult } from './studies/result.ts';
export type { Verdict } from './studies/verdict.ts';

// Cells: one network trained and probed, found again if it was finished before.
export type { CellJob, Circumstances, JobCell } from './cells/job.ts';
export { type Measurement, measurementJob } from './cells/measurement.ts';
export { sideBySideJob, type SideBySideSpec } from './cells/side-by-side.ts';
export { trainingJob } from './cells/training.ts';
export type { TrainingSpec } from './cells/training-spec.ts';
export { type CellOutcome, type CellsProgress, type CellsRequest, runCells } from './cells/node/run-cells.ts';
export { circumstancesOf } from './cells/node/versions.ts';
export type { FinishedCell } from './records/cell.ts';
