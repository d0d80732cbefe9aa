/** @file A study that trains networks on a data set. */

import { trainingJob } from '../cells/training.ts';
import type { TrainingSpec } from '../cells/training-spec.ts';
import type { JsonObject } from '../records/canonical-json.ts';
import type { Place } from '../records/record.ts';
import type { Point, Varied } from './grid.ts';
import { type GridStudy, gridStudy } from './grid-study.ts';
import type { Study } from './study.ts';

export interface TrainedStudy<Protocol extends JsonObject, Arm extends string, Vary extends Varied>
  extends Omit<GridStudy<Protocol, Arm, Vary>, 'job' | 'seedsTogether'> {
  /** What is trained at a point, and with which probes. */
  readonly train: (
    protocol: Protocol,
    point: Point<Arm, Vary>,
  ) => Pick<TrainingSpec, 'problem' | 'training' | 'probes'>;
}

export function trainedStudy<
  Protocol extends JsonObject,
  const Arm extends string,
  const Vary extends Varied = Readonly<Record<never, never>>,
>({ train, ...study }: TrainedStudy<Protocol, Arm, Vary>): Study {
  return gridStudy({
    ...study,
    job: (protocol, [point]) => {
      const { arm, seed: _seed, ...place } = point as Point<Arm, Vary> & Place;
      return trainingJob({ arm, place: place as Place, ...train(protocol, point) });
    },
  });
}
