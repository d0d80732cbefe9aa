/** @file Cells that measure without training: graphs with values of a seed, run on a device of their own. */

import { type JsonObject, plainJson } from '../records/canonical-json.ts';
import type { Place, StepRecord } from '../records/record.ts';
import type { CellJob, Pace } from './job.ts';
import { type Laboratory, openLaboratory } from './laboratory.ts';

export interface Measurement {
  /** Which side of a comparison this is; a name for people, no part of the hash. */
  readonly arm: string;
  /** What is measured, unique among measurements: the study's name. */
  readonly name: string;
  /** The module in which it is written, as `import.meta.url` there: with what that imports, it is in the cell's hash. */
  readonly code: string;
  readonly seed: number;
  /** What else tells it from other cells of its study, for people; the settings say it too. */
  readonly place?: Place;
  /** Everything else that fixes the numbers. */
  readonly settings: JsonObject;
  /** About how many seconds it takes on one core; what progress and estimates go by. */
  readonly seconds: number;
  /** A pure function of seed and settings. */
  readonly measure: (laboratory: Laboratory) => Promise<readonly StepRecord[]>;
}

/** The cost of a measurement is told in seconds. */
const pace: Pace = {
  isTried: false,
  key: 'seconds',
  measure: async () => ({ seconds: 1, bytes: 0 }),
};

/** The job of one measurement. Interrupted, it begins anew another time. */
export function measurementJob({
  arm,
  name,
  code,
  seed,
  place = {},
  settings,
  seconds,
  measure,
}: Measurement): CellJob {
  return {
    dataset: undefined,
    settings: { ...settings, seed },
    pace,
    check: () => undefined,
    cells: [
      {
        arm,
        seed,
        place,
        probes: [],
        cost: () => seconds,
        config: (circumstances) => ({
          measurement: { name, seed, settings: plainJson(settings) },
          threads: circumstances.device.threads,
          ort: circumstances.ort,
          code: circumstances.code(code),
        }),
      },
    ],
    async run({ device, openDevice, report, signal }, missing) {
      const laboratory = openLaboratory(openDevice, device.threads, (step, steps) => report({ step, steps }), signal);
      try {
        const records = await measure(laboratory);
        signal?.throwIfAborted();
        for (const { work } of missing) work.append(records);
        return missing.map(() => ({ records: records.length }));
      } finally {
        await laboratory.close();
      }
    },
  };
}
