/** @file What a cell that is whole gives to whoever reads it, wherever it is stored. */
import { canonicalJson } from './canonical-json.ts';
import type { JsonObject } from './canonical-json.ts';
import type { StepRecord } from './record.ts';
import type { StoredTensor } from './safetensors.ts';

/** A probe as a cell holds it: its name, and its settings with its schedule. */
export interface HeldProbe {
  readonly name: string;
  readonly settings: JsonObject;
}

/** The state of a cell after `step` training steps. */
export interface Checkpoint {
  readonly step: number;
  /** The length of the cell's records at that step, in bytes: a resumed cell truncates them to it. */
  readonly recordsBytes: number;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** What is not a tensor, such as a schedule's state. The keys step, recordsBytes and crc32 are taken. */
  readonly metadata: Readonly<Record<string, string>>;
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
  /** @throws {DataError} naming the line that is not a record. */
  records(): StepRecord[];
  /** The state after the last step; undefined where none was saved. */
  checkpoint(): Checkpoint | undefined;
}

/** Whether every probe asked for is held, with the same settings. */
export function holdsProbes(held: readonly HeldProbe[], asked: readonly HeldProbe[]): boolean {
  const texts = new Set(held.map(canonicalJson));
  return asked.every((probe) => texts.has(canonicalJson(probe)));
}

/** The probes of both lists, each once, those of the first list first. */
export function uniteProbes(first: readonly HeldProbe[], second: readonly HeldProbe[]): HeldProbe[] {
  const byText = new Map([...first, ...second].map((probe) => [canonicalJson(probe), probe]));
  return [...byText.values()];
}
