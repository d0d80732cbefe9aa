/** @file The public API under Node: everything that can be imported from 'normscope'. */

// What runs on every platform: problems, training, probes, graphs.
export * from './everywhere.ts';

// A device in a thread of Node, and real data.
export { openDevice } from './runtime/node/open-device.ts';
export { loadDataset } from './data/node/load-dataset.ts';

// Studies of claims, and what they come to.
export { findStudy, selectStudies, studies } from './studies/index.ts';
export type { Budget, PlannedCell, PlanRequest, Study, StudyPlan } from './studies/study.ts';
export type { PairingResult, PartResult, StudyResult } from './studies/result.ts';
export type { Verdict } from './studies/verdict.ts';

// Cells: one network trained and probed, found again if it was finished before.
export type { CellSpec } from './cells/cell-spec.ts';
export { type CellsProgress, type CellsRequest, runCells } from './cells/node/run-cells.ts';
export type { FinishedCell } from './records/cell.ts';
