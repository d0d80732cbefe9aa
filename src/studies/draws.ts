/** @file Random inputs of measurements: a pure function of the study, the seed and the case. */

import { createStream, type RandomStream } from '../math/random.ts';

/** Where the numbers of one case come from; `step` counts cases or layers. */
export interface DrawKey {
  readonly seed: number;
  readonly step?: number;
  /** "ioffe2015/scale x": the study, and what is drawn. */
  readonly name: string;
}

export function drawStream({ seed, step = 0, name }: DrawKey): RandomStream {
  return createStream({ seed, purpose: 'probe', step, layer: name });
}

/** Numbers of the normal distribution N(0, std²). */
export function drawNormal(count: number, key: DrawKey, std = 1): Float64Array {
  const data = new Float64Array(count);
  drawStream(key).fillNormal(data, 0, std);
  return data;
}

/** Numbers of the uniform distribution on [low, high). */
export function drawUniform(count: number, key: DrawKey, low = -1, high = 1): Float64Array {
  const data = new Float64Array(count);
  drawStream(key).fillUniform(data, low, high);
  return data;
}
