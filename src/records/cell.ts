/** @file What a cell that is whole gives to whoever reads it, wherever it is stored. */
import { canonicalJson } from './canonical-json.ts';
import type { JsonObject } from './canonical-json.ts';
import { type StepRecord, withProbe } from './record.ts';
import type { StoredTensor } from './safetensors.ts';

/** A probe as a cell holds it: its name, and its settings with its schedule. */
export interface HeldProbe {
  readonly name: string;
  readonly settings: JsonObject;
}

/** How far a cell's records reach: a resumed cell keeps so much of them, where it is still what was written. */
export interface LogMark {
  readonly recordsBytes: number;
  /** Over all those bytes, as 8 hexadecimal digits. */
  readonly recordsCrc32: string;
}

/** The state of a cell after `step` training steps. */
export interface Checkpoint extends LogMark {
  readonly step: number;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** What is not a tensor, such as a schedule's state. The keys step, recordsBytes, recordsCrc32 and crc32 are taken. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What whoever makes a cell writes it by. */
export interface CellWriter {
  /** All that the cell shall hold: those asked for, and those of what it will replace. */
  readonly probes: readonly HeldProbe[];
  /** Where to go on; undefined where the cell begins at step 0. */
  readonly resumeFrom: Checkpoint | undefined;
  /** Adds records, which are lost where no checkpoint and no end follows. */
  append(records: readonly StepRecord[]): void;
  /** Makes the cell one that can be gone on with from here. */
  saveCheckpoint(checkpoint: Omit<Checkpoint, keyof LogMark>): void;
}

/** A cell that is whole. */
export interface FinishedCell {
  readonly hash: string;
  readonly folder: string;
  readonly config: JsonObject;
  readonly probes: readonly HeldProbe[];
  readonly summary: JsonObject;
  /** Whether it holds every probe asked for, with the same settings. */
  holds(probes: readonly HeldProbe[]): boolean;
  /**
   * What training gives, and what the probes measured that it was asked for with: others that it holds are others' affair.
   * @throws {DataError} naming the line that is not a record.
   */
  records(): StepRecord[];
  /** The records of all its probes, each of which says by `probe` which it is. */
  allRecords(): StepRecord[];
  /** The state after the last step; undefined where none was saved. */
  checkpoint(): Checkpoint | undefined;
}

/** Whether every probe asked for is held, with the same settings. */
export function holdsProbes(held: readonly HeldProbe[], asked: readonly HeldProbe[]): boolean {
  const texts = new Set(held.map(canonicalJson));
  return asked.every((probe) => texts.has(canonicalJson(probe)));
}

/** In one order whoever asked for them first, so that equal cells have equal bytes. */
export function sortedProbes(probes: readonly HeldProbe[]): readonly HeldProbe[] {
  return probes
    .map((probe) => ({ probe, text: canonicalJson(probe) }))
    .sort((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ probe }) => probe);
}

/** The probes of both lists, each once, those of the first list first. */
export function uniteProbes(first: readonly HeldProbe[], second: readonly HeldProbe[]): HeldProbe[] {
  const byText = new Map([...first, ...second].map((probe) => [canonicalJson(probe), probe]));
  return [...byText.values()];
}

/** Records as a cell with one list of probes has them, in one with fewer: each names its probe by its place there. */
export function recordsOf(
  records: readonly StepRecord[],
  held: readonly HeldProbe[],
  fewer: readonly HeldProbe[],
): readonly StepRecord[] {
  const texts = fewer.map(canonicalJson);
  const places = held.map((probe) => texts.indexOf(canonicalJson(probe)));
  if (places.every((to, from) => to === from)) return records;
  return records.flatMap((record) => {
    if (record.probe === undefined) return [record];
    const probe = places[record.probe] ?? -1;
    return probe < 0 ? [] : [withProbe(record, probe)];
  });
}

/** The records that are seen by whoever asks for some of the probes held: theirs, and those of training itself. */
export function recordsSeen(
  records: readonly StepRecord[],
  held: readonly HeldProbe[],
  asked: readonly HeldProbe[],
): StepRecord[] {
  const wanted = new Set(asked.map(canonicalJson));
  const isSeen = held.map((probe) => wanted.has(canonicalJson(probe)));
  return records
    .filter(({ probe }) => probe === undefined || isSeen[probe] === true)
    .map((record) => (record.probe === undefined ? record : withProbe(record, undefined)));
}
