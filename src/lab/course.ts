/** @file A course: tours that a class takes, and for each student and tour a seed of their own. */

import { SettingError, unknownName } from '../errors.ts';
import { tours } from './tours/index.ts';

/** What an address says of it: `course=large-rates,noise&student=12345`. */
export interface Course {
  /** Names of tours, in the order in which they are to be taken. */
  readonly tours: readonly string[];
  /** Undefined until the student says it. */
  readonly student: string | undefined;
}

/** What comes from outside may not be longer. */
export const MOST_TOURS = 20;

/** Seeds of students are below. */
const SEEDS = 10_000;

/**
 * A course of what stands in an address.
 * @param names - of tours, with commas between
 * @throws {SettingError} for a tour that there is not, one named twice, none or too many; and as `checkedStudent`
 */
export function courseOf(names: string | undefined, student: string | undefined): Course {
  if (names === undefined) throw new SettingError('A student must be of a course, got none; add course=large-rates');
  const listed = names.split(',').filter((name) => name !== '');
  if (listed.length < 1 || listed.length > MOST_TOURS || new Set(listed).size < listed.length) {
    throw new SettingError(
      `A course must have 1 to ${MOST_TOURS} different tours, got ${JSON.stringify(names.slice(0, 80))}; try course=large-rates,noise`,
    );
  }
  const known = tours.map(({ name }) => name);
  for (const name of listed) if (!known.includes(name)) throw unknownName('tour', name.slice(0, 40), known);
  return { tours: listed, student: student === undefined || student === '' ? undefined : checkedStudent(student) };
}

/**
 * A student number, which becomes part of an address and of a file's name.
 * @throws {SettingError} unless it is 1 to 32 of the letters A to Z, digits and hyphens
 */
export function checkedStudent(text: string): string {
  if (isStudent(text)) return text;
  throw new SettingError(
    `A student number must be 1 to 32 of the letters A to Z, digits and '-', got ${JSON.stringify(text.slice(0, 40))}; try 12345`,
  );
}

export function isStudent(text: string): boolean {
  return /^[A-Za-z0-9-]{1,32}$/.test(text);
}

/**
 * The seed of a student's networks in a tour: FNV-1a, 32 bits, over the characters of `normscope <tour> <student>`, all of which are ASCII,
 * modulo 10,000. A few lines in any language compute it again; it keeps nothing secret. Some two of 100 students share the seed
 * of a tour in two classes of five.
 * @returns 0 … 9999
 */
export function seedOf(student: string, tour: string): number {
  let hash = 0x811c9dc5;
  for (const character of `normscope ${tour} ${student}`) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  }
  return hash % SEEDS;
}
