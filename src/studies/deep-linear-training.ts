/** @file The deep linear networks of Santurkar et al., Appendix A, all seeds of an arm in one graph. */

import { sideBySideJob } from '../cells/side-by-side.ts';
import { SettingError } from '../errors.ts';
import type { NormName } from '../norms/index.ts';
import type { JsonObject } from '../records/canonical-json.ts';
import type { HeldProbe } from '../records/cell.ts';
import { sgd } from '../train/optimisers/sgd.ts';
import { type GridStudy, gridStudy } from './grid-study.ts';
import type { Point, Varied } from './grid.ts';
import type { Study } from './study.ts';

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
      if (!Number.isInteger(protocol.seeds) || protocol.seeds < 3) {
        throw new SettingError(`An interval needs at least 3 seeds, got ${protocol.seeds}; use --seeds 3 or more`);
      }
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
