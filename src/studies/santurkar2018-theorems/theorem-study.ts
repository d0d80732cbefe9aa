/** @file What the studies of theorems have in common: one cell per seed, and a verdict from the records of all. */

import type { Laboratory } from '../../cells/laboratory.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { StepRecord } from '../../records/record.ts';
import { measuredStudy } from '../measured-study.ts';
import type { StudyResult } from '../result.ts';
import type { Study } from '../study.ts';
import { type LossKind, lossKinds } from './unit.ts';

/** What the theorems' protocols share; each batch size and kind of loss has that many units per seed. */
export interface TheoremProtocol extends JsonObject {
  readonly seeds: number;
  readonly units: number;
  /** Batch sizes m. */
  readonly sizes: readonly number[];
}

export interface Theorem<Protocol extends TheoremProtocol>
  extends Pick<Study, 'name' | 'title' | 'where' | 'claim' | 'rule'> {
  /** `import.meta.url` of the study. */
  readonly code: string;
  /** Of the quick budget; the others have ten times the units. */
  readonly protocol: Protocol;
  /** About how long the quick budget takes per seed. */
  readonly seconds: number;
  readonly measure: (laboratory: Laboratory, protocol: Protocol, seed: number) => Promise<readonly StepRecord[]>;
  readonly decide: (records: RecordsBySeed, protocol: Protocol) => StudyResult;
}

export type RecordsBySeed = readonly (readonly StepRecord[])[];

/** The study of a theorem about normalised units, which needs no data set. */
export function theoremStudy<Protocol extends TheoremProtocol>(theorem: Theorem<Protocol>): Study {
  const { protocol, seconds, measure, decide, ...about } = theorem;
  const factor = (units: number): number => Math.max(1, units / protocol.units);
  return measuredStudy({
    ...about,
    paper: 'santurkar2018',
    tags: ['exact', 'theorem'],
    arms: ['batch'],
    protocol: (budget): Protocol => ({ ...protocol, units: (budget === 'quick' ? 1 : 10) * protocol.units }),
    seconds: ({ units }) => factor(units) * seconds,
    measure: (laboratory, settings, { seed }) => measure(laboratory, settings, seed),
    decide: ({ perCell }, settings) => decide(perCell, settings),
  });
}

/** One record per number of a case. */
export function caseRecords<Quantity extends string>(
  values: Readonly<Record<Quantity, number>>,
  definitions: Readonly<Record<NoInfer<Quantity>, string>>,
  place: Pick<StepRecord, 'step' | 'layer' | 'at'>,
): readonly StepRecord[] {
  return Object.entries<number>(values).map(([quantity, value]) => ({
    ...place,
    quantity,
    value,
    definition: definitions[quantity as Quantity],
    mode: 'frozen',
  }));
}

/** All values of a quantity, in the order of seeds and cases. */
export function valuesOf(
  records: RecordsBySeed,
  quantity: string,
  where: (record: StepRecord) => boolean = () => true,
): readonly number[] {
  return records.flatMap((ofSeed) =>
    ofSeed.flatMap((record) => (record.quantity === quantity && where(record) ? [record.value] : [])),
  );
}

/** "997 of 1000". */
export function countText(values: readonly number[], counts: (value: number) => boolean): string {
  return `${values.filter(counts).length} of ${values.length}`;
}

/** What is measured of each kind of loss at each batch size, one after another; `step` counts them. */
export async function measureSettings(
  sizes: readonly number[],
  laboratory: Laboratory,
  measureSetting: (
    setting: { readonly kind: LossKind; readonly examples: number },
    step: number,
  ) => Promise<readonly StepRecord[]>,
): Promise<readonly StepRecord[]> {
  const settings = lossKinds.flatMap((kind) => sizes.map((examples) => ({ kind, examples })));
  const records: StepRecord[] = [];
  for (const [step, setting] of settings.entries()) {
    records.push(...(await measureSetting(setting, step)));
    await laboratory.progress(step + 1, settings.length);
  }
  return records;
}
