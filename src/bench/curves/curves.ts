/** @file What a step costs against the depth, the width and the batch of a network. */

import type { ModelName } from '../../models/index.ts';
import type { NormName } from '../../norms/index.ts';
import type { BenchProgress, BenchSettings } from '../measure.ts';
import { contest, hold, normscopeEntrant } from '../measure.ts';
import type { Subject } from '../subject.ts';
import { type Spread, spread } from '../summary.ts';
import { type Line, fitLine } from './fit.ts';
import { type FixedCosts, measureFixedCosts } from './fixed-costs.ts';

export const axes = ['depth', 'width', 'batch'] as const;
export type Axis = (typeof axes)[number];

export interface CurvePoint {
  readonly subject: Subject;
  /** Layers, multiple of the published channels, or images. */
  readonly x: number;
  /** Of the lowered step. */
  readonly nodes: number;
  readonly stepSeconds: Spread;
  readonly peakBytes: number;
}

export interface Curve {
  readonly axis: Axis;
  readonly points: readonly CurvePoint[];
  /** Absent for the width, against which no cost is a straight line. */
  readonly line?: Line;
}

/** Subjects with their place on each axis. */
export type CurvePlan = Readonly<Record<Axis, readonly (readonly [x: number, subject: Subject])[]>>;

export interface Curves {
  readonly curves: readonly Curve[];
  readonly fixed: FixedCosts;
}

const depths: readonly (readonly [layers: number, model: ModelName])[] = [
  [20, 'resnet20'],
  [32, 'resnet32'],
  [44, 'resnet44'],
  [56, 'resnet56'],
  [110, 'resnet110'],
];
const widths = [0.25, 0.5, 1];
const batches = [8, 16, 32, 64, 128, 256, 512];

/** The points of each curve: ResNet-20 at its published width and batch 128, with one of the three changed. */
export function curvePoints(norm: NormName, threads: number): CurvePlan {
  const centre: Subject = { model: 'resnet20', width: 1, norm, batchSize: 128, threads };
  return {
    depth: depths.map(([layers, model]) => [layers, { ...centre, model }]),
    width: widths.map((width) => [width, { ...centre, width }]),
    batch: batches.map((batchSize) => [batchSize, { ...centre, batchSize }]),
  };
}

/** Measures every subject once, though it lie on several curves. @throws {InterruptedError} by way of the signal's reason. */
export async function measureCurves(
  points: CurvePlan,
  settings: Omit<BenchSettings, 'runtimes'>,
  report: (progress: BenchProgress) => void,
  signal?: AbortSignal,
): Promise<Curves> {
  const keyOf = (subject: Subject): string => JSON.stringify(subject);
  const subjects = new Map(axes.flatMap((axis) => points[axis].map(([, subject]) => [keyOf(subject), subject])));
  const fixed = await measureFixedCosts([...subjects.values()][0]?.threads ?? 1);
  const contests = [...subjects.values()].map((subject) => contest(subject, [normscopeEntrant('native', settings)]));
  const results = await hold(contests, settings.rounds, report, signal);
  const measured = new Map(
    results.flatMap(({ subject, results: [own] }) => {
      if (own === undefined) return [];
      const { opening, rounds, peakBytes } = own;
      const stepSeconds = spread(rounds.flat());
      return [[keyOf(subject), { subject, nodes: opening.nodes ?? 0, stepSeconds, peakBytes }] as const];
    }),
  );
  const curves = axes.map((axis): Curve => {
    const own = points[axis].flatMap(([x, subject]): CurvePoint[] => {
      const point = measured.get(keyOf(subject));
      return point === undefined ? [] : [{ x, ...point }];
    });
    if (axis === 'width') return { axis, points: own };
    const line = fitLine(own.map(({ x, stepSeconds }) => ({ x, seconds: stepSeconds.median })));
    return { axis, points: own, line };
  });
  return { curves, fixed };
}
