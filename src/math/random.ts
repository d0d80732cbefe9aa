/**
 * @file Seeded random streams on Philox4x32-10. A stream is a pure function of (seed, purpose, step, layer); no state is
 * ever saved, and every number below can be recomputed by another program from what stands here.
 *
 * Block number b of a stream is Philox4x32-10 of
 *
 *     key     = (seed mod 2^32, purpose code · 2^24 + floor(seed / 2^32))
 *     counter = (b, step mod 2^32, floor(step / 2^32) + (layer given ? 2^31 : 0), layer given ? FNV-1a(layer) : 0)
 *
 * and the stream is the blocks' words in order: block 0 words 0, 1, 2, 3, block 1 words 0, 1, …
 * seed and step are below 2^53, so floor(· / 2^32) is below 2^21 and no two fields overlap: streams that differ in
 * seed, purpose or step, or in whether a layer is given, share no block. Two layers share one only if their 32-bit
 * FNV-1a hashes are equal (for 1000 layer names, about one chance in 10^4).
 */
import { SettingError } from '../errors.ts';
import { philox4x32 } from './philox.ts';

/** What the numbers are for. The codes are part of every result: never change or reuse one. */
const purposeCodes = { init: 1, shuffle: 2, augment: 3, noise: 4, probe: 5 } as const;

export type RandomPurpose = keyof typeof purposeCodes;

export interface StreamKey {
  /** Non-negative safe integer. */
  readonly seed: number;
  readonly purpose: RandomPurpose;
  /** Non-negative safe integer: a training step, or an epoch for 'shuffle'; 0 when omitted. */
  readonly step?: number;
  /** A name that separates streams within one step, such as a parameter's. */
  readonly layer?: string;
}

/**
 * The stream of random numbers for one seed, purpose, step and layer.
 * @throws {SettingError} if seed or step is not a non-negative safe integer
 */
export function createStream(key: StreamKey): RandomStream {
  return new RandomStream(key);
}

/** Where a stream lies among all blocks of Philox: both words of its key, and of its counters all words but the first. */
export interface StreamPlace {
  readonly key: readonly [number, number];
  readonly counter: readonly [number, number, number];
}

/** The key and the counters of a stream. @throws {SettingError} as {@link createStream}. */
export function placeOf({ seed, purpose, step = 0, layer }: StreamKey): StreamPlace {
  assertCount('seed', seed);
  assertCount('step', step);
  return {
    key: [seed >>> 0, purposeCodes[purpose] * 2 ** 24 + Math.floor(seed / 2 ** 32)],
    counter: [
      step >>> 0,
      Math.floor(step / 2 ** 32) + (layer === undefined ? 0 : 2 ** 31),
      layer === undefined ? 0 : fnv1a(layer),
    ],
  };
}

/** Writes the four words of one block of a stream. */
export function blockOf(words: Uint32Array, { key, counter }: StreamPlace, block: number): void {
  philox4x32(words, block, counter[0], counter[1], counter[2], key[0], key[1]);
}

export class RandomStream {
  readonly #place: StreamPlace;
  readonly #words: Uint32Array = new Uint32Array(4);
  #block = 0;
  #next = 4;

  constructor(key: StreamKey) {
    this.#place = placeOf(key);
  }

  /** The next word of the stream, an integer in [0, 2^32). */
  uint32(): number {
    if (this.#next === 4) {
      blockOf(this.#words, this.#place, this.#block++);
      this.#next = 0;
    }
    return this.#words[this.#next++] as number;
  }

  /** floor(word / 2^8) / 2^24: uniform in [0, 1), exact in float32. Takes one word. */
  uniform(): number {
    return (this.uint32() >>> 8) * 2 ** -24;
  }

  /** Fills with low + (high − low) · uniform(), computed in float64 and then rounded to the target. One word each. */
  fillUniform(target: Float32Array | Float64Array, low: number, high: number): void {
    for (let i = 0; i < target.length; i++) target[i] = low + (high - low) * this.uniform();
  }

  /**
   * Fills with normal numbers by Box and Muller's transform, computed in float64 and then rounded to the target.
   *
   * Each pair of words (a, b) gives r = sqrt(−2 ln((a + 1) / 2^32)), θ = 2π b / 2^32 and the two numbers
   * mean + std · r cos θ and mean + std · r sin θ; an odd length drops the last sine. |z| is at most 6.66.
   */
  fillNormal(target: Float32Array | Float64Array, mean: number, std: number): void {
    for (let i = 0; i < target.length; i += 2) {
      const radius = std * Math.sqrt(-2 * Math.log((this.uint32() + 1) * 2 ** -32));
      const angle = 2 * Math.PI * this.uint32() * 2 ** -32;
      target[i] = mean + radius * Math.cos(angle);
      if (i + 1 < target.length) target[i + 1] = mean + radius * Math.sin(angle);
    }
  }

  /**
   * An integer in [0, n), each equally likely: word mod n, where words at or above the largest multiple of n that is at
   * most 2^32 are skipped.
   * @throws {SettingError} unless n is an integer in [1, 2^32]
   */
  integer(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) {
      throw new SettingError(`Cannot draw an integer below n: n must be an integer in [1, 2^32], got n = ${n}`);
    }
    const limit = 2 ** 32 - (2 ** 32 % n);
    let word = this.uint32();
    while (word >= limit) word = this.uint32();
    return word % n;
  }

  /** A random order of 0 … n − 1 (Fisher-Yates): for i = n − 1 down to 1, swaps places i and integer(i + 1). */
  permutation(n: number): Uint32Array {
    const order = new Uint32Array(n);
    for (let i = 0; i < n; i++) order[i] = i;
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const swapped = order[i] as number;
      order[i] = order[j] as number;
      order[j] = swapped;
    }
    return order;
  }
}

/** FNV-1a, 32 bits, over the UTF-8 bytes: h = 2166136261, then h = (h ^ byte) · 16777619 mod 2^32 for each. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

function assertCount(what: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new SettingError(
      `Cannot create a random stream: ${what} must be a whole number of 0 or more and below 2^53, got ${value}`,
    );
  }
}
