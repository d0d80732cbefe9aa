/** @file The public API: everything that can be imported from 'normscope', on one screen. */

// Studies of claims, and what they come to.
export { findStudy, selectStudies, studies } from './studies/index.ts';
export type { Budget, PlannedCell, PlanRequest, Study, StudyPlan } from './studies/study.ts';
export type { PairingResult, PartResult, StudyResult } from './studies/result.ts';
export type { Verdict } from './studies/verdict.ts';

// Problems: what is trained, as values.
export { classifier, type ClassifierSettings } from './problems/classifier.ts';
export type { Layers, NetworkFunction } from './problems/network-function.ts';
export { type BuildRequest, type BuiltProblem, type Problem, withoutRunningStatistics } from './problems/problem.ts';
export { deepLinear, regression, type RegressionSettings } from './problems/regression.ts';

// Training: step by step, on a data set or on one's own feeds.
export { adam } from './train/optimisers/adam.ts';
export type { OptimiserSettings } from './train/optimisers/descent.ts';
export { rmsProp } from './train/optimisers/rms-prop.ts';
export { sgd } from './train/optimisers/sgd.ts';
export { imageFeeds, testFeeds } from './train/image-feeds.ts';
export type { Readout, StepResult } from './train/readout.ts';
export type { ScheduleSettings } from './train/schedule.ts';
export { type FeedSource, openSession, type Session, type SessionSettings, type Step } from './train/session.ts';
export type { Snapshot } from './train/snapshot.ts';
export { train, type TrainSettings } from './train/train.ts';

// Cells: one network trained and probed, found again if it was finished before.
export type { CellSpec } from './cells/cell-spec.ts';
export { type CellsProgress, type CellsRequest, runCells } from './cells/run-cells.ts';
export type { FinishedCell } from './records/cell-folder.ts';
export type { StepRecord } from './records/record.ts';

// What can be trained and measured.
export { type ModelName, models } from './models/index.ts';
export { defaultModelSettings, type ModelSettings } from './models/model.ts';
export { type NormName, norms } from './norms/index.ts';
export { heldProbe, probe, type ProbeName, probes } from './probes/index.ts';
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
export type { Device, DeviceSettings, Program, Tensors } from './runtime/device.ts';
export { openDevice } from './runtime/node/open-device.ts';

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
