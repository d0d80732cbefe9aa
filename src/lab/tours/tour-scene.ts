/** @file The scene of a tour, with all its settings. */

import type { Scene } from '../address.ts';
import { type Asked, type Fields, resolveSettings } from '../settings.ts';
import type { Tour } from './tour.ts';

/** @throws {SettingError} for settings that no arm can have. */
export function tourScene(fields: Fields, { name: tour, scene, look }: Tour): Scene {
  const { shared, arms, steps } = scene;
  return {
    arms: arms.map(({ name, ...own }) => ({ name, settings: resolveSettings(fields, { ...shared, ...own } as Asked) })),
    steps,
    look,
    hidden: [],
    tour,
  };
}
