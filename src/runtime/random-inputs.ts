/** @file The random inputs of a program, drawn in the thread that runs it: no number of them crosses threads. */

import { SettingError } from '../errors.ts';
import type { RandomRole } from '../graph/graph.ts';
import type { Port } from '../graph/physical.ts';
import { fillDraws } from '../math/draws.ts';
import { createStream, type StreamKey } from '../math/random.ts';

/** What the random numbers of a run are keyed by: runs with the same key draw the same ones, in every program. */
export interface DrawKey {
  readonly seed: number;
  readonly step: number;
  /** Of a further batch at that step, whose random numbers are others than those of its training. */
  readonly batch?: number;
}

export interface RandomInput {
  /** In logical layout, as everything that is fed. */
  readonly port: Port;
  readonly role: RandomRole;
}

/**
 * Draws a random input: a pure function of its role, its shape, the seed and the step.
 * @throws {SettingError} without a key, for the program that is named.
 */
export function drawInput(
  program: string,
  { port, role }: RandomInput,
  target: Float32Array | Float64Array,
  key: DrawKey | undefined,
): void {
  if (key === undefined) {
    throw new SettingError(`Program '${program}' draws '${port.name}': it must be given seed and step, got neither`);
  }
  const { stream, distribution, width = 1, centres } = role;
  const { seed, step, batch } = key;
  const keyOf = (layer: string): StreamKey =>
    batch === undefined
      ? { seed, step, purpose: 'noise', layer }
      : { seed, step, purpose: 'probe', layer: `batch-${batch}/${layer}` };
  const { low, high } = centres ?? { low: 0, high: 0 };
  const drawn = new Float32Array(centres === undefined ? 1 : (port.value.shape.at(-1) ?? 1));
  createStream(keyOf(`${stream}/centres`)).fillUniform(drawn, low, high);
  fillDraws(target, keyOf(stream), { distribution, width, centres: drawn });
}
