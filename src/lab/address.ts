/** @file A scene as the fragment of an address, and back: what a link carries, held to the same bounds as any control. */

import { SettingError, unknownName } from '../errors.ts';
import { type Course, courseOf } from './course.ts';
import { instrumentNames, type InstrumentName } from './instrument-names.ts';
import { type ArmSettings, type Asked, type Fields, resolveSettings, type SettingName, unusual } from './settings.ts';

export interface SceneArm {
  readonly name: string;
  readonly settings: ArmSettings;
}

/** What a page shows: arms, how far they run, and what is looked at. */
export interface Scene {
  readonly arms: readonly SceneArm[];
  /** Steps after which all arms pause by themselves. */
  readonly steps: number;
  readonly look: readonly InstrumentName[];
  /** Parts of the page that are not shown. */
  readonly hidden: readonly HiddenPart[];
  readonly tour: string | undefined;
  /** The tours that a class takes. */
  readonly course: Course | undefined;
}

export const hiddenParts = ['settings', 'tours', 'lives'] as const;
export type HiddenPart = (typeof hiddenParts)[number];

/** What comes by a link may not keep a reader's machine busy without end, or fill it. */
export const MOST_ARMS = 4;
export const MOST_STEPS = 20_000;

/**
 * `all=network:mlp,batchSize:64&arm=batch,norm:batch&arm=standard,norm:none&steps=200&look=loss,accuracy`: what all arms
 * share is said once, and what is as usual is not said.
 */
export function addressOf(fields: Fields, { arms, steps, look, hidden, tour, course }: Scene): string {
  const own = arms.map(({ settings }) => unusual(fields, settings));
  const shared = Object.fromEntries(
    Object.entries(own[0] ?? {}).filter(([name, value]) => own.every((one) => one[name as SettingName] === value)),
  );
  const rest = arms.map(({ name }, i) => [
    encodeURIComponent(name),
    ...settingWords(Object.entries(own[i] ?? {}).filter(([key]) => !(key in shared))),
  ]);
  const parts = [
    ...(course === undefined ? [] : [`course=${course.tours.join(',')}`]),
    ...(course?.student === undefined ? [] : [`student=${course.student}`]),
    ...(tour === undefined ? [] : [`tour=${tour}`]),
    ...(Object.keys(shared).length === 0 ? [] : [`all=${settingWords(Object.entries(shared)).join(',')}`]),
    ...rest.map((words) => `arm=${words.join(',')}`),
    `steps=${steps}`,
    `look=${look.join(',')}`,
    ...(hidden.length === 0 ? [] : [`hide=${hidden.join(',')}`]),
  ];
  return parts.join('&');
}

/**
 * The scene that an address asks for; what it leaves out is of another.
 * @throws {SettingError} for what cannot be read, or is beyond bounds.
 */
export function sceneOf(fields: Fields, address: string, usual: Scene): Scene {
  const given = new Map<string, string[]>();
  for (const part of address.split('&').filter(isSaid)) {
    const [key = '', ...value] = part.split('=');
    if (!keys.includes(key)) throw unknownName('part of an address', key, keys);
    given.set(key, [...(given.get(key) ?? []), value.join('=')]);
  }
  const one = (key: string): string | undefined => given.get(key)?.at(-1);
  const shared = askedOf((one('all') ?? '').split(',').filter(isSaid));
  const arms = given.get('arm')?.map((text, i): SceneArm => {
    const [name = '', ...words] = text.split(',');
    const settings = resolveSettings(fields, { ...shared, ...askedOf(words) });
    return { name: decoded(name).slice(0, 40) || `arm ${i + 1}`, settings };
  });
  if (arms !== undefined && (arms.length < 1 || arms.length > MOST_ARMS)) {
    throw new SettingError(`A scene has 1 to ${MOST_ARMS} arms, got ${arms.length}`);
  }
  const steps = one('steps');
  const look = one('look')?.split(',').filter(isSaid);
  const hidden = one('hide')?.split(',').filter(isSaid);
  return {
    arms: distinctNames(arms ?? usual.arms),
    steps: steps === undefined ? usual.steps : stepCount(steps),
    look:
      look === undefined
        ? usual.look
        : (look.map((name) => known('instrument', name, instrumentNames)) as InstrumentName[]),
    hidden:
      hidden === undefined ? usual.hidden : (hidden.map((name) => known('part', name, hiddenParts)) as HiddenPart[]),
    tour: one('tour') ?? usual.tour,
    course: given.has('course') || given.has('student') ? courseOf(one('course'), one('student')) : usual.course,
  };
}

/** A list may be empty. */
function isSaid(word: string): boolean {
  return word !== '';
}

const keys = ['all', 'arm', 'steps', 'look', 'hide', 'tour', 'course', 'student'];

/** Arms are told apart by their names. */
export function distinctNames(arms: readonly SceneArm[]): readonly SceneArm[] {
  const taken = new Set<string>();
  return arms.map(({ name, settings }) => {
    // A later one may have the name that an earlier one was given: a, a 2, a.
    const numbered = arms.map((_, i) => (i === 0 ? name : `${name} ${i + 1}`));
    const free = numbered.find((one) => !taken.has(one)) ?? name;
    taken.add(free);
    return { name: free, settings };
  });
}

/** @throws {SettingError} */
function stepCount(text: string | number): number {
  const steps = Number(text);
  if (Number.isInteger(steps) && steps >= 1 && steps <= MOST_STEPS) return steps;
  throw new SettingError(`Steps must be a whole number from 1 to ${MOST_STEPS}, got ${JSON.stringify(text)}`);
}

function settingWords(entries: readonly (readonly [string, unknown])[]): readonly string[] {
  return entries.map(([name, value]) => `${name}:${encodeURIComponent(String(value))}`);
}

function askedOf(words: readonly string[]): Asked {
  return Object.fromEntries(
    words.map((word) => {
      const [name = '', ...value] = word.split(':');
      return [name, decoded(value.join(':'))];
    }),
  );
}

function known(what: string, name: string, names: readonly string[]): string {
  if (names.includes(name)) return name;
  throw unknownName(what, name, [...names]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new SettingError(`An address must be spelled as links are, got ${JSON.stringify(text)}`);
  }
}
