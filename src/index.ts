/** @file The public API: everything that can be imported from 'normscope', on one screen. */

// Studies of claims, and what they come to.
export { findStudy, selectStudies, studies } from './studies/index.ts';
export type { Budget, PlannedCell, PlanRequest, Study, StudyPlan } from './studies/study.ts';
export type { PairingResult, PartResult, StudyResult } from './studies/result.ts';
export type { Verdict } from './studies/verdict.ts';

// Cells: one network trained and probed, found again if it was finished before.
export type { CellSpec } from './cells/cell-spec.ts';
export { heldProbe } from './cells/run-cell.ts';
export { type CellsProgress, type CellsRequest, runCells } from './cells/run-cells.ts';
export type { FinishedCell } from './records/cell.ts';
export type { StepRecord } from './records/record.ts';

// What can be trained and measured.
export { type ModelName, models } from './models/index.ts';
export { defaultModelSettings, type ModelSettings } from './models/model.ts';
export { type NormName, norms } from './norms/index.ts';
export { type ProbeName, probes } from './probes/index.ts';
export type { TrainingSettings } from './train/training-settings.ts';

// Real data.
export type { Dataset } from './data/dataset.ts';
export { loadDataset } from './data/node/load-dataset.ts';

// Graphs, differentiated and run.
export { grad, hvp, partials, vjp } from './autodiff/reverse.ts';
export { GraphBuilder } from './graph/builder.ts';
export type { Graph, Value } from './graph/graph.ts';
export { printGraph } from './graph/print.ts';
export { ops } from './ops/index.ts';
export { Device, type DeviceSettings } from './runtime/device.ts';

// Citations, and the errors that are thrown on purpose.
export { type Paper, type PaperKey, papers } from './papers.ts';
export {
  DataError,
  InterruptedError,
  NumericError,
  SettingError,
  ShapeError,
  StorageError,
  UnsupportedOpError,
} from './errors.ts';
