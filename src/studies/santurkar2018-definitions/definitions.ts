/** @file Every definition: of what, read how, from which numbers of a probe. Larger is rougher, or shifts more. */

import type { Definition } from './definition.ts';
import { gradientDefinitions } from './gradient-definitions.ts';
import { lossDefinitions } from './loss-definitions.ts';
import { shiftDefinitions } from './shift-definitions.ts';

/** Of networks of this width, and of one hidden layer by its name. */
export function definitionsOf(width: number, layer: string): readonly Definition[] {
  return [...lossDefinitions(width), ...gradientDefinitions(layer), ...shiftDefinitions(layer)];
}
