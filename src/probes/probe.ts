/** @file What a probe is: what it measures by which definition, what it costs, and how it reads a network in training. */

import type { Value } from '../graph/graph.ts';
import type { PaperKey } from '../papers.ts';
import type { StatisticsMode, StepRecord } from '../records/record.ts';
import type { Kept } from '../train/kept.ts';
import type { Measure, Memory, Readout, StepResult, Watched } from '../train/readout.ts';
import type { StepParts } from '../train/step-graph.ts';
import { type ProbeSettings, readSettings, type SettingsSchema } from './settings.ts';

export interface Quantity {
  /** The exact definition, as every record of it states it. */
  readonly definition: string;
  /** Empty for pure numbers. */
  readonly unit: string;
  readonly mode: StatisticsMode;
}

/**
 * A measurement. It leaves weights, every norm's state and the trajectory as they are: it reads outputs off the step, and
 * may run graphs of its own after it, which start from what the step keeps and write nothing but scratch.
 */
export interface ProbeDefinition<Settings extends ProbeSettings> {
  readonly title: string;
  readonly paper: PaperKey | undefined;
  readonly quantities: Readonly<Record<string, Quantity>>;
  readonly settings: SettingsSchema<Settings>;
  /**
   * Settings that are newer than cells which hold the probe: where they are as usual it is the same probe, and a cell does not
   * name them.
   */
  readonly newer?: readonly (keyof Settings & string)[];
  /** Gradient computations per measurement, beside the step's own. */
  readonly cost: (settings: Settings) => number;
  /** How many examples each of those is on; default, and where it is 0, as many as a batch. */
  readonly examples?: (settings: Settings) => number;
  /** Whether a measurement may end before it has cost that much. */
  readonly endsEarly?: boolean;
  /** What the first measurement costs beyond that; default nothing. */
  readonly firstCost?: (settings: Settings) => number;
  /** What the step must keep for graphs of its own. */
  readonly needs?: readonly Kept[];
  /** Outputs added to the step, for probes that read off it, and the records made of them. */
  readonly fromStep?: {
    readonly outputs: (parts: StepParts, settings: Settings) => Readonly<Record<string, Value>>;
    readonly read: (result: StepResult, settings: Settings) => readonly StepRecord[];
  };
  /** Loads graphs of its own, for probes that need more, and returns what measures with them after a step. */
  readonly ownGraphs?: (session: Watched, settings: Settings, memory: Memory) => Promise<Measure>;
}

/** A probe whose settings have been read. */
export interface ConfiguredProbe<Settings extends ProbeSettings = ProbeSettings> {
  readonly settings: Settings;
  /** Gradient computations per measurement, beside the step's own. */
  readonly cost: number;
  /** How many examples each of those is on; 0 for as many as a batch. */
  readonly examples: number;
  /** What the first measurement costs beyond that. */
  readonly firstCost: number;
  /** What it adds to a session. */
  readonly readout: Readout;
}

/** A probe as the registry has it: its settings are read where they are given, and no one else needs their type. */
export interface Probe<Settings extends ProbeSettings = ProbeSettings>
  extends Omit<ProbeDefinition<Settings>, 'cost' | 'examples' | 'firstCost' | 'ownGraphs'> {
  readonly defaults: Settings;
  /**
   * @param name - what errors call it
   * @param given - those settings that are not as usual
   * @throws {SettingError} for a setting that it does not have, or a value that it cannot take.
   */
  readonly configure: (name: string, given: object) => ConfiguredProbe<Settings>;
}

export function defineProbe<Settings extends ProbeSettings>({
  cost,
  examples = () => 0,
  firstCost = () => 0,
  ownGraphs,
  ...rest
}: ProbeDefinition<Settings>): Probe<Settings> {
  const { needs, fromStep } = rest;
  return {
    ...rest,
    defaults: rest.settings.parse({}),
    configure: (name, given) => {
      const settings = readSettings(name, rest.settings, given);
      const readout: Readout = {
        every: settings.every,
        ...(needs !== undefined && { needs }),
        ...(fromStep !== undefined && {
          outputs: (parts) => fromStep.outputs(parts, settings),
          read: (result) => fromStep.read(result, settings),
        }),
        ...(ownGraphs !== undefined && { open: (session, memory) => ownGraphs(session, settings, memory) }),
      };
      return {
        settings,
        cost: cost(settings),
        examples: examples(settings),
        firstCost: firstCost(settings),
        readout,
      };
    },
  };
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
