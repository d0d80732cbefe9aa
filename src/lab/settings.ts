/**
 * @file What an arm of the lab can be told. One list of fields is what controls are made of, what addresses spell, and what
 * anything that comes from outside is held to.
 */

import { SettingError, unknownName } from '../errors.ts';

/** All settings of an arm, resolved. */
export interface ArmSettings {
  /** A data set of the page, by name. */
  readonly data: string;
  readonly network: string;
  /** Hidden layers, of the networks that have a choice. */
  readonly depth: number;
  readonly width: number;
  readonly norm: string;
  readonly placement: string;
  readonly activation: string;
  readonly initialiser: string;
  readonly initialScale: number;
  readonly learningRate: number;
  readonly momentum: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly normMomentum: number;
  readonly epsilon: number;
  /** What it computes on: one of `armDevices`. */
  readonly device: string;
}

/** The processor, by WebAssembly; or a GPU, to other bits than anywhere else. */
export const armDevices = ['processor', 'webgpu'] as const;

export type SettingName = keyof ArmSettings;

interface FieldText {
  readonly label: string;
  /** What it is, in a sentence, for whoever meets it for the first time. */
  readonly help: string;
  /** Whether it belongs to the first few that are always in sight. */
  readonly isFirst?: true;
}

export interface ChoiceField extends FieldText {
  readonly kind: 'choice';
  readonly options: readonly string[];
  readonly usual: string;
}

export interface NumberField extends FieldText {
  readonly kind: 'number';
  readonly least: number;
  readonly most: number;
  readonly usual: number;
  readonly isWhole?: true;
  /** How a step of the control goes: ×10^(1/4) or so many. */
  readonly by: 'factor' | number;
}

export type Field = ChoiceField | NumberField;
export type Fields = Readonly<Record<SettingName, Field>>;

/** The same, with these data sets to choose from, the usual one first. */
export function withDataSets(fields: Fields, names: readonly string[]): Fields {
  const data: ChoiceField = { ...(fields.data as ChoiceField), options: names, usual: names[0] ?? '' };
  return { ...fields, data };
}

/** Where a scene leaves settings out, they are as usual. */
export type Asked = Readonly<Partial<Record<SettingName, string | number>>>;

/**
 * Settings from what was asked, the rest as usual.
 * @throws {SettingError} for a name, a kind of value or a size that no arm can have.
 */
export function resolveSettings(fields: Fields, asked: Asked): ArmSettings {
  for (const name of Object.keys(asked)) {
    if (!Object.hasOwn(fields, name)) throw unknownName('setting', name, Object.keys(fields));
  }
  const resolved = Object.entries(fields).map(([name, field]) => {
    const value = asked[name as SettingName];
    return [name, value === undefined ? field.usual : checked(field, value)];
  });
  return Object.fromEntries(resolved) as ArmSettings;
}

/** @throws {SettingError} unless a field can have the value. */
export function checked(field: Field, value: string | number): string | number {
  if (field.kind === 'choice') {
    if (typeof value === 'string' && field.options.includes(value)) return value;
    throw unknownName(field.label, String(value), [...field.options]);
  }
  const { label, least, most, isWhole = false } = field;
  const number = typeof value === 'number' ? value : value.trim() === '' ? Number.NaN : Number(value);
  if (!(number >= least && number <= most) || (isWhole && !Number.isInteger(number))) {
    throw new SettingError(
      `${label} must be a ${isWhole ? 'whole ' : ''}number from ${least} to ${most}, got ${JSON.stringify(value)}; try ${field.usual}`,
    );
  }
  return number;
}

/** What differs from the usual settings, in the order of the fields: what an address spells out. */
export function unusual(fields: Fields, settings: ArmSettings): Asked {
  return Object.fromEntries(
    Object.entries(settings).filter(([name, value]) => fields[name as SettingName].usual !== value),
  );
}
