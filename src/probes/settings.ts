/** @file The settings of a probe: a schema that has a usual value and a meaning for each, read once, with errors that teach. */

import * as z from 'zod';
import { SettingError } from '../errors.ts';
import type { JsonObject } from '../records/canonical-json.ts';

/** When a probe measures: at steps 0, every, 2·every, … */
export interface ProbeSettings {
  readonly every: number;
}

/**
 * A strict object whose every field has a default, and a description that completes "it must be …": errors and the help
 * of the command line say it.
 */
export type SettingsSchema<Settings> = z.ZodType<Settings> & { readonly shape: Readonly<Record<string, z.ZodType>> };

/** The setting that every probe has. */
export function everyStep(usual: number): z.ZodDefault<z.ZodInt> {
  return z.int().min(1).default(usual).describe('a number of steps between measurements, 1 or more');
}

/** A list of values of which no two are alike; its description should say so. */
export function distinct<Item extends z.ZodType>(item: Item): z.ZodArray<Item> {
  return z.array(item).refine((list) => new Set(list).size === list.length);
}

/** @throws {SettingError} for a setting that the probe does not have, or a value that it cannot take. */
export function readSettings<Settings extends ProbeSettings>(
  probe: string,
  schema: SettingsSchema<Settings>,
  given: object,
): Settings {
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  const keys = Object.keys(schema.shape);
  const unknown = Object.keys(given).find((key) => !keys.includes(key));
  if (unknown !== undefined) {
    throw new SettingError(`Probe '${probe}' has no setting '${unknown}'; it has ${keys.join(', ')}`);
  }
  const key = String(read.error.issues[0]?.path[0]);
  throw new SettingError(
    `Setting '${key}' of probe '${probe}' must be ${schema.shape[key]?.description}, got ${text(new Map(Object.entries(given)).get(key))}`,
  );
}

/** Settings as JSON holds them. */
export function plain(settings: object): JsonObject {
  return z.record(z.string(), z.json()).parse(settings);
}

/** A value as an error shows it; JSON has no infinities. */
function text(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(text).join(', ')}]`;
  return typeof value === 'number' ? String(value) : (JSON.stringify(value)?.replaceAll('"', "'") ?? 'nothing');
}
