import { describe, expect, it } from 'vitest';
import { SettingError } from '../errors.ts';
import { createStream, type StreamKey } from './random.ts';
import { mean, standardDeviation } from './statistics.ts';

function words(key: StreamKey, count: number): number[] {
  const stream = createStream(key);
  return Array.from({ length: count }, () => stream.uint32());
}

// The expected numbers were computed by a separate program in Python, from the text at the top of random.ts.
describe('createStream()', () => {
  it('gives the words of the documented key and counter', () => {
    expect(words({ seed: 7, purpose: 'init', layer: 'stage1.conv' }, 5)).toEqual([
      2243295178, 1631821529, 2833343581, 3372269172, 1479212201,
    ]);
    expect(words({ seed: 2 ** 53 - 1, purpose: 'noise', step: 2 ** 40 + 3 }, 5)).toEqual([
      2694956116, 1107763617, 1185743592, 2617112708, 563998532,
    ]);
  });

  it('gives different words for any other seed, purpose, step or layer', () => {
    const base = { seed: 1, purpose: 'init', step: 2, layer: 'a' } as const;
    const streams: StreamKey[] = [
      base,
      { ...base, seed: 2 },
      { ...base, seed: 1 + 2 ** 32 },
      { ...base, purpose: 'probe' },
      { ...base, step: 3 },
      { ...base, step: 2 + 2 ** 32 },
      { ...base, layer: 'b' },
      { ...base, layer: '' },
      { seed: 1, purpose: 'init', step: 2 },
    ];
    const drawn = streams.flatMap((key) => words(key, 8));
    expect(new Set(drawn).size).toBe(drawn.length);
    expect(words(base, 8)).toEqual(drawn.slice(0, 8));
  });

  it('gives different streams for every parameter of a deep network', () => {
    const layers = Array.from({ length: 110 }, (_, i) =>
      ['weight', 'bias', 'gamma', 'beta'].map((part) => `stage${i % 3}.block${i}.conv.${part}`),
    ).flat();
    const first = layers.map((layer) => words({ seed: 0, purpose: 'init', layer }, 1)[0]);
    expect(new Set(first).size).toBe(layers.length);
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53])('throws on seed or step %d', (value) => {
    expect(() => createStream({ seed: value, purpose: 'init' })).toThrow(SettingError);
    expect(() => createStream({ seed: 0, purpose: 'init', step: value })).toThrow(/step must be a whole number/);
  });
});

describe('uniform()', () => {
  it('is the upper 24 bits of a word, exact in float32', () => {
    const stream = createStream({ seed: 0, purpose: 'augment', step: 5 });
    const drawn = [stream.uniform(), stream.uniform(), stream.uniform()];
    expect(drawn).toEqual([0.669974148273468, 0.7247421741485596, 0.36260396242141724]);
    expect(drawn.map(Math.fround)).toEqual(drawn);
  });
});

describe('fillUniform()', () => {
  it('stays in [low, high), with the mean and deviation of a uniform distribution', () => {
    const target = new Float64Array(20_001);
    createStream({ seed: 4, purpose: 'init' }).fillUniform(target, -3, 5);
    expect(Math.min(...target)).toBeGreaterThanOrEqual(-3);
    expect(Math.max(...target)).toBeLessThan(5);
    // Four standard errors: 4 · (8 / √12) / √20001 = 0.065.
    expect(Math.abs(mean(target) - 1)).toBeLessThan(0.065);
    expect(standardDeviation(target)).toBeCloseTo(8 / Math.sqrt(12), 1);
  });
});

describe('fillNormal()', () => {
  it('gives the documented pairs, cosine first', () => {
    const target = new Float64Array(4);
    createStream({ seed: 7, purpose: 'init', layer: 'w' }).fillNormal(target, 0, 1);
    const expected = [-0.35127649342255296, 0.30038842661654824, -0.9917351538085373, -1.1270096536119936];
    target.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 14);
    });
  });

  it('gives float32 the float64 numbers rounded, and an odd length the start of a longer one', () => {
    const key = { seed: 11, purpose: 'noise', step: 3 } as const;
    const wide = new Float64Array(8);
    const narrow = new Float32Array(7);
    createStream(key).fillNormal(wide, 0.1, 2);
    createStream(key).fillNormal(narrow, 0.1, 2);
    expect([...narrow]).toEqual([...wide.subarray(0, 7)].map(Math.fround));
  });

  it('has the moments and tails of a normal distribution', () => {
    const target = new Float64Array(40_000);
    createStream({ seed: 5, purpose: 'init' }).fillNormal(target, 2, 3);
    const z = Array.from(target, (value) => (value - 2) / 3);
    // Four standard errors of each estimate: 4 / √n times 1, √2, √15 and √96.
    expect(Math.abs(mean(z))).toBeLessThan(0.02);
    expect(Math.abs(mean(z.map((value) => value ** 2)) - 1)).toBeLessThan(0.0283);
    expect(Math.abs(mean(z.map((value) => value ** 3)))).toBeLessThan(0.0775);
    expect(Math.abs(mean(z.map((value) => value ** 4)) - 3)).toBeLessThan(0.196);
  });
});

describe('integer()', () => {
  it('gives every value equally often', () => {
    const counts = Array.from({ length: 7 }, () => 0);
    const stream = createStream({ seed: 9, purpose: 'probe' });
    for (let i = 0; i < 14_000; i++) {
      const drawn = stream.integer(7);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    // Chi-squared with 6 degrees of freedom exceeds 22.5 once in a thousand.
    const chiSquared = counts.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
    expect(chiSquared).toBeLessThan(22.5);
  });

  it('skips the words that would favour small values', () => {
    // For n = 3 · 2^30, the limit is n itself: a quarter of the words are skipped, and the rest come unchanged.
    const key = { seed: 1, purpose: 'probe' } as const;
    const kept = words(key, 40).filter((word) => word < 3 * 2 ** 30);
    const stream = createStream(key);
    expect(kept.length).toBeLessThan(40);
    expect(kept.map(() => stream.integer(3 * 2 ** 30))).toEqual(kept);
  });

  it.each([0, -2, 1.5, 2 ** 32 + 1])('throws on n = %d', (n) => {
    expect(() => createStream({ seed: 0, purpose: 'probe' }).integer(n)).toThrow(SettingError);
  });
});

describe('permutation()', () => {
  it('is the documented shuffle', () => {
    const stream = createStream({ seed: 3, purpose: 'shuffle', step: 2 });
    expect([...stream.permutation(10)]).toEqual([8, 3, 5, 6, 9, 7, 1, 2, 4, 0]);
  });

  it('holds every index once', () => {
    const order = createStream({ seed: 1, purpose: 'shuffle' }).permutation(1001);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1001 }, (_, i) => i));
    expect([...createStream({ seed: 1, purpose: 'shuffle' }).permutation(0)]).toEqual([]);
  });
});
