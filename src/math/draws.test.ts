import { describe, expect, it } from 'vitest';
import { fillDraws, type Spread } from './draws.ts';
import { createStream, type StreamKey } from './random.ts';

const key: StreamKey = { seed: 3, purpose: 'noise', step: 17, layer: 'conv1/norm/noise/scale' };
const standard = (distribution: Spread['distribution']): Spread => ({
  distribution,
  width: 1,
  centres: new Float32Array(1),
});

function drawn(count: number, of: StreamKey = key, spread: Spread = standard('normal')): Float32Array {
  const target = new Float32Array(count);
  fillDraws(target, of, spread);
  return target;
}

/** Compared at once, since numbers one by one take long. */
function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

describe('fillDraws()', () => {
  it('takes the 16-bit fields of a stream in their order', () => {
    const stream = createStream(key);
    const fields = Array.from({ length: 5000 }, () => stream.uint32()).flatMap((word) => [word & 0xffff, word >>> 16]);
    expect([...drawn(10_000, key, standard('uniform'))]).toEqual(fields.map((field) => field / 2 ** 16));
  });

  it.each(['uniform', 'normal'] as const)('gives the start of a longer draw, whatever the length: %s', (kind) => {
    const all = drawn(9001, key, standard(kind));
    for (const count of [0, 1, 7, 33, 4095, 4096, 4097, 8192]) {
      expect(Buffer.compare(bytesOf(drawn(count, key, standard(kind))), bytesOf(all.slice(0, count)))).toBe(0);
    }
  });

  it.each([1, 3, 6, 8, 20, 513, 20_000])('gives each of %i places along the last axis its centre', (places) => {
    const centres = Float32Array.from({ length: places }, (_, i) => Math.fround(1 + i / 7));
    for (const distribution of ['uniform', 'normal'] as const) {
      const plain = drawn(9_001, key, standard(distribution));
      const width = Math.fround(0.1);
      const expected = plain.map((z, i) => (centres[i % places] as number) + Math.fround(width * z));
      expect(Buffer.compare(bytesOf(drawn(9_001, key, { distribution, width: 0.1, centres })), bytesOf(expected))).toBe(
        0,
      );
    }
  });

  it('gives float64 the numbers of float32', () => {
    const target = new Float64Array(4321);
    fillDraws(target, key, standard('normal'));
    expect([...target]).toEqual([...drawn(4321)]);
  });

  it('is a function of seed, step and stream, each of which makes it another one', () => {
    const keys = [key, { ...key, seed: 4 }, { ...key, step: 18 }, { ...key, layer: 'conv1/norm/noise/shift' }];
    const all = keys.map((each) => drawn(100, each).join());
    expect(new Set(all).size).toBe(keys.length);
    expect(drawn(100).join()).toBe(all[0]);
  });
});

/** 1 − Φ(z), by Simpson's rule on 2000 strips up to z + 10. */
function exceeding(z: number): number {
  const STRIPS = 2000;
  const h = 10 / STRIPS;
  let sum = 0;
  for (let i = 0; i <= STRIPS; i++) {
    const x = z + i * h;
    const weight = i === 0 || i === STRIPS ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp((-x * x) / 2);
  }
  return (sum * h) / 3 / Math.sqrt(2 * Math.PI);
}

/** Kolmogorov's statistic exceeds 1.95 / √n once in a thousand times (limit distribution, Smirnov 1948). */
const KOLMOGOROV = 1.95;

/** The largest distance between the share of numbers up to one and what it should be; the numbers ascend. */
function kolmogorov(ascending: Float32Array, share: (z: number) => number): number {
  let largest = 0;
  let before = 0;
  for (let i = 1; i <= ascending.length; i++) {
    const z = ascending[i - 1] as number;
    if (z === ascending[i]) continue;
    const expected = share(z);
    largest = Math.max(largest, Math.abs(i / ascending.length - expected), Math.abs(before - expected));
    before = i / ascending.length;
  }
  return largest * Math.sqrt(ascending.length);
}

describe('ten million draws', () => {
  const COUNT = 10_000_000;
  const normal = drawn(COUNT).sort();

  it('are as uniform as Kolmogorov and Smirnov ask', () => {
    const uniform = drawn(COUNT, key, standard('uniform')).sort();
    // A number stands for the cell of 2^−16 that it begins.
    expect(kolmogorov(uniform, (u) => u + 2 ** -17)).toBeLessThan(KOLMOGOROV);
    expect([uniform[0], uniform.at(-1)]).toEqual([0, 1 - 2 ** -16]);
  });

  it('are as normal as they ask, and once more in the tails alone', () => {
    // Beyond 5 the tail is shorter than a hundredth of what matters.
    const below = new Map<number, number>();
    const step = 1 / 512;
    const tabled = (i: number): number => {
      const known = below.get(i) ?? 1 - exceeding(i * step);
      below.set(i, known);
      return known;
    };
    // Linear between multiples of 1/512: off by less than 1e-6.
    const share = (z: number): number => {
      const i = Math.floor(z / step);
      return tabled(i) + (z / step - i) * (tabled(i + 1) - tabled(i));
    };
    expect(kolmogorov(normal, share)).toBeLessThan(KOLMOGOROV);
    const tail = normal
      .filter((z) => Math.abs(z) > 3.7)
      .map(Math.abs)
      .sort();
    expect(tail.length).toBeGreaterThan(2000);
    expect(new Set(tail).size).toBeGreaterThan(0.99 * tail.length);
    expect(kolmogorov(tail, (z) => 1 - exceeding(z) / exceeding(3.7))).toBeLessThan(KOLMOGOROV);
  });

  it.each([2, 3, 3.6, 4, 4.5, 5])('exceed %f σ as often as normal numbers do, on either side', (sigmas) => {
    const expected = COUNT * exceeding(sigmas);
    const beneath = normal.findIndex((z) => z >= -sigmas);
    const above = COUNT - 1 - normal.findLastIndex((z) => z <= sigmas);
    // Four standard deviations of a count.
    expect(Math.abs(above - expected)).toBeLessThan(4 * Math.sqrt(expected));
    expect(Math.abs(beneath - expected)).toBeLessThan(4 * Math.sqrt(expected));
  });
});

describe('draws of different', () => {
  const COUNT = 1_000_000;
  // 64 correlations, each of standard deviation 1/√n: one of them exceeds 5/√n once in 27,000 times.
  const LIMIT = 5 / Math.sqrt(COUNT);
  const base = drawn(COUNT);

  function correlation(a: Float32Array, b: Float32Array): readonly number[] {
    let [plain, squares] = [0, 0];
    for (let i = 0; i < COUNT; i++) {
      const [x, y] = [a[i] as number, b[i] as number];
      plain += x * y;
      squares += (x * x - 1) * (y * y - 1);
    }
    return [plain / COUNT, squares / (2 * COUNT)];
  }

  it.each<[string, StreamKey]>([
    ['layers', { ...key, layer: 'conv2/norm/noise/scale' }],
    ['inputs of a layer', { ...key, layer: 'conv1/norm/noise/shift' }],
    ['steps', { ...key, step: 18 }],
    ['seeds', { ...key, seed: 4 }],
  ])('%s are independent: themselves, and their squares', (_, other) => {
    for (const found of correlation(base, drawn(COUNT, other))) expect(Math.abs(found)).toBeLessThan(LIMIT);
  });

  // With channels last, neighbours are channels, and 16 or 64 further on is the next example or place.
  it.each([1, 2, 3, 4, 5, 7, 8, 16, 32, 64, 128, 2048, 4096, 8192])(
    'places, %i apart, are independent: themselves, and their squares',
    (lag) => {
      const shifted = drawn(COUNT + lag).subarray(lag);
      for (const found of correlation(base, shifted)) expect(Math.abs(found)).toBeLessThan(LIMIT);
    },
  );
});
