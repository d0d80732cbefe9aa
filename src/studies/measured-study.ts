/** @file A study that measures without training. */

import type { Laboratory } from '../cells/laboratory.ts';
import { measurementJob } from '../cells/measurement.ts';
import type { JsonObject } from '../records/canonical-json.ts';
import type { StepRecord } from '../records/record.ts';
import type { Point, Varied } from './grid.ts';
import { type GridStudy, gridStudy } from './grid-study.ts';
import type { Study } from './study.ts';

export interface MeasuredStudy<Protocol extends JsonObject, Arm extends string, Vary extends Varied>
  extends Omit<GridStudy<Protocol, Arm, Vary>, 'job' | 'seedsTogether' | 'dataset'> {
  /** `import.meta.url` of the study: its own code is in the hashes of its cells. */
  readonly code: string;
  /** About how long a cell takes on one core. */
  readonly seconds: (protocol: Protocol, point: Point<Arm, Vary>) => number;
  /** Given nothing but what names the cell, so that it can depend on nothing else. */
  readonly measure: (
    laboratory: Laboratory,
    protocol: Protocol,
    point: Point<Arm, Vary>,
  ) => Promise<readonly StepRecord[]>;
}

export function measuredStudy<
  Protocol extends JsonObject,
  const Arm extends string,
  const Vary extends Varied = Readonly<Record<never, never>>,
>({ code, seconds, measure, ...study }: MeasuredStudy<Protocol, Arm, Vary>): Study {
  return gridStudy({
    ...study,
    dataset: undefined,
    job: (protocol, [point]) => {
      const { arm, seed, ...place } = point as { readonly arm: Arm; readonly seed: number };
      return measurementJob({
        arm,
        name: study.name,
        code,
        seed,
        place,
        // The arm is a name for people; where there are several it tells what is measured.
        settings: { ...protocol, ...(study.arms.length > 1 && { arm }), ...place },
        seconds: seconds(protocol, point),
        measure: (laboratory) => measure(laboratory, protocol, point),
      });
    },
  });
}
