/** @file What a probe is: what it measures by which definition, what it costs, and how it reads a network in training. */

import type { PaperKey } from '../papers.ts';
import type { JsonObject } from '../records/canonical-json.ts';
import type { StatisticsMode, StepRecord } from '../records/record.ts';
import type { Measure, StepResult, Watched } from '../train/readout.ts';
import type { StepOutputs } from '../train/step-graph.ts';

export interface Quantity {
  /** The exact definition, as every record of it states it. */
  readonly definition: string;
  /** Empty for pure numbers. */
  readonly unit: string;
  readonly mode: StatisticsMode;
}

/** When a probe measures: at steps 0, every, 2·every, … */
export interface ProbeSettings extends JsonObject {
  readonly every: number;
}

/**
 * A measurement. It leaves weights, every norm's state and the trajectory as they are: it reads outputs off the step, and
 * may have the step keep in scratch what graphs of its own then start from, which write nothing but scratch.
 */
export interface Probe {
  readonly title: string;
  readonly paper: PaperKey | undefined;
  readonly quantities: Readonly<Record<string, Quantity>>;
  readonly defaults: ProbeSettings;
  /** Gradient computations per measurement, beside the step's own. */
  readonly cost: (settings: ProbeSettings) => number;
  /** Throws for settings that it cannot measure with. @throws {SettingError} */
  readonly check: (settings: ProbeSettings) => void;
  /** Outputs added to the step, for probes that read off it, and the records made of them. */
  readonly fromStep?: {
    readonly outputs: StepOutputs;
    readonly read: (result: StepResult) => readonly StepRecord[];
  };
  /** Loads graphs of its own, for probes that need more, and returns what measures with them after a step. */
  readonly ownGraphs?: (session: Watched, settings: ProbeSettings) => Promise<Measure>;
}

/** A record of one of a probe's quantities. */
export function probeRecord(
  probe: Pick<Probe, 'quantities'>,
  quantity: string,
  step: number,
  value: number,
  place: { readonly layer?: string; readonly at?: number } = {},
): StepRecord {
  const declared = probe.quantities[quantity];
  if (declared === undefined) throw new RangeError(`A probe must declare what it records, got '${quantity}'`);
  const { definition, mode } = declared;
  return { step, quantity, value, ...place, definition, mode };
}
