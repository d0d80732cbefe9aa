/** @file The public API that runs on every platform: what `normscope` and `normscope/browser` have in common. */

// Problems: what is trained, as values.
export { classifier, type ClassifierSettings } from './problems/classifier.ts';
export type { Layers, NetworkFunction } from './problems/network-function.ts';
export { type BuildRequest, type BuiltProblem, type Problem, withoutRunningStatistics } from './problems/problem.ts';
export { deepLinear, type DeepLinearSettings, regression, type RegressionSettings } from './problems/regression.ts';
export {
  deepLinearSideBySide,
  type NetworkExamples,
  partOf,
  sideBySideFeeds,
  type SideBySideSettings,
} from './problems/side-by-side.ts';
export { drawLinear, type LinearDraw, type LinearExamples } from './data/linear.ts';
export { initialStates } from './train/initial-state.ts';
export { type ModelName, models } from './models/index.ts';
export { defaultModelSettings, type ModelSettings } from './models/model.ts';
export type { LayerTrace, Mode, Network } from './nn/network.ts';
export { type NormName, norms } from './norms/index.ts';
export { defaultNormSettings, type NormSettings } from './norms/norm.ts';

// Training: step by step, on a data set or on one's own feeds.
export { imageBatches, imageFeeds, testFeeds } from './train/image-feeds.ts';
export { adam } from './train/optimisers/adam.ts';
export type { OptimiserSettings } from './train/optimisers/descent.ts';
export { rmsProp } from './train/optimisers/rms-prop.ts';
export { sgd } from './train/optimisers/sgd.ts';
export type { BatchRequest, BatchSource, DrawBatch } from './train/batch-source.ts';
export type { Readout, StepResult, Watched } from './train/readout.ts';
export type { ScheduleSettings } from './train/schedule.ts';
export { type FeedSource, openSession, type Session, type Step } from './train/session.ts';
export type { SessionSettings } from './train/session-settings.ts';
export type { Snapshot } from './train/snapshot.ts';
export { train, type TrainSettings } from './train/train.ts';
export type { TrainingSettings } from './train/training-settings.ts';

// Probes: what is measured on the way, and the records made of it.
export { heldProbe, probe, type ProbeName, probes } from './probes/index.ts';
export type { StepRecord } from './records/record.ts';

// Curvature: operators of a problem, and algorithms that take them.
export {
  type Eigenpairs,
  type EigenpairsSettings,
  largestEigenpairs,
  shareWithin,
} from './curvature/eigenpairs.ts';
export { boxMaximum, type BoxMaximum, type BoxSettings, type ValueAndGradient } from './curvature/box-maximum.ts';
export { type DisplacedLoss, openDisplacedLoss } from './curvature/displaced-loss.ts';
export { type Followed, followLargest, type FollowSettings } from './curvature/followed.ts';
export { type Hessian, type HessianSettings, openHessian, type ParameterRange } from './curvature/hessian.ts';
export { keskarSharpness, type KeskarSettings, type KeskarSharpness } from './curvature/keskar-sharpness.ts';
export { lanczos, type LanczosSettings, type Spectrum } from './curvature/lanczos.ts';
export type { SymmetricOperator } from './curvature/operator.ts';
export { type Eigenpair, powerIteration, type PowerSettings } from './curvature/power-iteration.ts';
export { type Range, restricted } from './curvature/restricted.ts';
export {
  type DensitySettings,
  smoothedDensity,
  type SpectralNode,
  spectralNodes,
} from './curvature/spectral-density.ts';
export { type TraceEstimate, traceOf, type TraceSettings } from './curvature/trace.ts';

// Graphs, differentiated and run.
export { grad, hvp, partials, vjp } from './autodiff/reverse.ts';
export { GraphBuilder } from './graph/builder.ts';
export type { Graph, Value } from './graph/graph.ts';
export { printGraph } from './graph/print.ts';
export { ops } from './ops/index.ts';
export { type Device, type DeviceSettings, type Program, type Tensors } from './runtime/device.ts';
export type { DrawKey } from './runtime/random-inputs.ts';
export type { AskedDevice, CheckedDevice } from './runtime/choose-lowering.ts';

// Figures: plain data, drawn as SVG for a page.
export { drawFigure, type FigureOptions } from './report/figure/figure.ts';
export type { Axis, EffectsFigure, Figure, Mark, PlotFigure } from './studies/figure.ts';

// Data in memory, citations, and the errors that are thrown on purpose.
export type { Dataset } from './data/dataset.ts';
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
