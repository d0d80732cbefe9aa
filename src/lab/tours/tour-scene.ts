/** @file The scene of a tour, with all its settings. */

import type { Scene } from '../address.ts';
import { type Asked, type Fields, resolveSettings } from '../settings.ts';
import type { Tour } from './tour.ts';

/**
 * @param seed - of all arms, where it is not the tour's own
 * @throws {SettingError} for settings that no arm can have
 */
export function tourScene(fields: Fields, { name: tour, scene, look }: Tour, seed?: number): Scene {
  const { shared, arms, steps } = scene;
  const asked = { ...shared, ...(seed !== undefined && { seed }) };
  return {
    arms: arms.map(({ name, ...own }) => ({ name, settings: resolveSettings(fields, { ...asked, ...own } as Asked) })),
    steps,
    look,
    hidden: [],
    tour,
    course: undefined,
  };
}
