/** @file The deep linear networks of Santurkar et al., Appendix A, all seeds of an arm in one graph. */

import { sideBySideJob } from '../cells/side-by-side.ts';
import type { NormName } from '../norms/index.ts';
import type { JsonObject } from '../records/canonical-json.ts';
import type { HeldProbe } from '../records/cell.ts';
import type { Records } from '../records/records.ts';
import { sgd } from '../train/optimisers/sgd.ts';
import { type GridStudy, gridStudy } from './grid-study.ts';
import type { LineMark, PlotFigure } from './figure.ts';
import type { Grid, Point, Varied } from './grid.ts';
import { checkIntervalSeeds } from './protocol-checks.ts';
import type { Study } from './study.ts';
import { stepsAxis } from './trained-figures.ts';

/** What holds for every training of the family. */
export interface DeepLinearProtocol extends JsonObject {
  /** k, matrices in all. */
  readonly depth: number;
  readonly width: number;
  /** N, all of which every step sees. */
  readonly examples: number;
  readonly steps: number;
  readonly learningRate: number;
  readonly seeds: number;
  readonly firstSeed: number;
}

/** The paper's network and data; its loss is read as half the sum of squares over examples and outputs. */
export const deepLinearProtocol: Pick<DeepLinearProtocol, 'depth' | 'width' | 'examples' | 'seeds' | 'firstSeed'> = {
  depth: 25,
  width: 10,
  examples: 1000,
  seeds: 8,
  firstSeed: 100,
};

export interface DeepLinearStudy<Protocol extends DeepLinearProtocol, Arm extends string, Vary extends Varied>
  extends Omit<GridStudy<Protocol, Arm, Vary>, 'job' | 'seedsTogether' | 'dataset'> {
  /** How a point is normalised, and what looks at it. */
  readonly train: (
    protocol: Protocol,
    point: Omit<Point<Arm, Vary>, 'seed'>,
  ) => { readonly norm: NormName; readonly normaliseLast: boolean; readonly probes: readonly HeldProbe[] };
}

export function deepLinearStudy<
  Protocol extends DeepLinearProtocol,
  const Arm extends string,
  const Vary extends Varied = Readonly<Record<never, never>>,
>({ train, check, ...study }: DeepLinearStudy<Protocol, Arm, Vary>): Study {
  return gridStudy({
    ...study,
    dataset: undefined,
    seedsTogether: true,
    check: (protocol) => {
      checkIntervalSeeds(protocol);
      check?.(protocol);
    },
    job: (protocol, points) => {
      const [first] = points;
      const { norm, normaliseLast, probes } = train(protocol, first);
      const { depth, width, examples, steps, learningRate } = protocol;
      const { arm, seed: _seed, ...place } = first as { readonly arm: Arm; readonly seed: number };
      return sideBySideJob({
        arm,
        network: { depth, width, norm, normaliseLast },
        seeds: points.map(({ seed }) => seed),
        examples,
        steps,
        optimiser: sgd({}),
        learningRate,
        probes,
        place,
      });
    },
  });
}

/** Whether a norm follows the last matrix too: the paper does not say, and where both are made both are judged. */
export const lastLayers = ['last layer plain', 'last layer normalised'] as const;

/** Of a training, at its last step. */
export function lastLoss(records: Records): number {
  return records.values('loss').at(-1) ?? Number.NaN;
}

/** The loss over steps, on a logarithmic scale. @param panelOf - which panel a cell is in, where there are several */
export function lossFigure<Arm extends string, Vary extends Varied>(
  { cells }: Grid<Arm, Vary>,
  { id, learningRate }: { readonly id: string; readonly learningRate: number },
  panelOf?: (point: Point<Arm, Vary>) => string,
): PlotFigure {
  return {
    id,
    title: `Loss of deep linear networks, learning rate ${learningRate}`,
    caption: 'Half the sum of squares over outputs and examples; thin lines are seeds, thick ones their median.',
    x: stepsAxis,
    y: { label: 'loss', unit: '', scale: 'log' },
    marks: cells.map(({ point, records }): LineMark => {
      const { x, y } = records.series('loss', 'step');
      const every = Math.max(1, Math.round(x.length / 100));
      const kept = x.map((_, i) => i).filter((i) => i % every === 0);
      return {
        mark: 'line',
        arm: point.arm,
        seed: point.seed,
        ...(panelOf && { panel: panelOf(point) }),
        x: kept.map((i) => x[i] ?? 0),
        y: kept.map((i) => y[i] ?? 0),
      };
    }),
  };
}
