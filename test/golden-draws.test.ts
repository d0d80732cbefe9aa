/**
 * @file Initial weights, shuffles, draws and schedules equal golden hashes: SHA-256 over the bytes of the numbers,
 * little-endian. They were made under Node 20 by the code before `src/math/power.ts` was, powers excepted; every Node and
 * every machine must give the same ones.
 */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createBatches } from '../src/data/batches.ts';
import { syntheticDataset } from '../src/data/synthetic.ts';
import { power, wholePower } from '../src/math/power.ts';
import { createStream, type StreamKey } from '../src/math/random.ts';
import { studentQuantile } from '../src/math/student.ts';
import { classifier } from '../src/problems/classifier.ts';
import { geometric } from '../src/studies/uncorrelated-inputs.ts';
import { initialState } from '../src/train/initial-state.ts';
import { sgd } from '../src/train/optimisers/sgd.ts';
import { createSchedule, type ScheduleSettings } from '../src/train/schedule.ts';
import { buildStep } from '../src/train/step-graph.ts';

type Numbers = Float32Array | Float64Array | Int32Array | Uint32Array | BigInt64Array;

function hashOf(all: Iterable<Numbers>): string {
  const digest = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of all) digest.update(new Uint8Array(buffer, byteOffset, byteLength));
  return digest.digest('hex');
}

const keys: readonly StreamKey[] = [
  { seed: 0, purpose: 'init' },
  { seed: 3, purpose: 'noise', step: 17, layer: 'conv1/noise' },
  { seed: 2 ** 32 + 7, purpose: 'augment', step: 2 ** 40 + 3 },
  { seed: 2 ** 53 - 1, purpose: 'probe', step: 5, layer: 'santurkar2018/theorem-4-4 λ' },
];
/** Odd and even, down to one number and up to many blocks. */
const lengths = [1, 2, 7, 1023, 20_001];

function draws(fill: (key: StreamKey, target: Float32Array | Float64Array) => void): Numbers[] {
  return keys.flatMap((key) =>
    lengths.flatMap((length) =>
      [new Float32Array(length), new Float64Array(length)].map((target) => {
        fill(key, target);
        return target;
      }),
    ),
  );
}

describe('draws', () => {
  it('of uniform numbers equal golden hashes', () => {
    const found = draws((key, target) => createStream(key).fillUniform(target, -0.75, 1.5));
    expect(hashOf(found)).toBe('267958010fa263c1574bc06a5fd1b5454fcf9b58ced70efa329b99227e1ce85e');
  });

  it('of normal numbers equal golden hashes', () => {
    const found = draws((key, target) => createStream(key).fillNormal(target, 0.1, 0.3));
    expect(hashOf(found)).toBe('85ab97ddc004760541db45c6fc5e40f86c27375225ee7e2d4fe7a43067a312dc');
  });

  it('of orders and integers equal golden hashes', () => {
    const orders = [1, 2, 3, 50, 1009, 50_000].map((n) =>
      createStream({ seed: 4, purpose: 'shuffle', step: n }).permutation(n),
    );
    const stream = createStream({ seed: 6, purpose: 'noise' });
    const integers = Uint32Array.from({ length: 999 }, () => stream.integer(3 * 2 ** 30));
    expect(hashOf([...orders, integers])).toBe('65d60713390ca1d912dd49cf4124328afdad91db8d77b58e810bed637203b75a');
  });

  it('of powers of ten equal golden hashes', () => {
    const exponents = new Float64Array(20_001);
    createStream({ seed: 9, purpose: 'probe', layer: 'scales' }).fillUniform(exponents, -3, 3);
    const spread = [2, 7, 50].map((count) => Float64Array.from(geometric(1, 1000, count)));
    expect(hashOf([exponents.map((exponent) => power(10, exponent)), ...spread])).toBe(
      'df0a9f88bee7f08a112c4722343508fc85b1410235cbd93118dc2cfd0a9f1d89',
    );
  });
});

describe('initial weights', () => {
  it.each([
    ['mlp', 'glorot', 'batch', 'c736bbd5b2f96370dfbe4a0bc5647c4e16065f035c8df70af9ab0c6ec74ac5f0'],
    // With biases of zeros, which its norm's beta replaces, it would be the c79682cf… of before.
    ['mlp', 'he', 'weight', '53fbd2c095435efbaf5c7dd913bb3a36d5c5885ba5c8ae4a672b17404867fb62'],
    ['resnet20', 'he', 'batch', '5558919afbca5579da5a4cafdaf6d06f3e4d2d28f899c5f1929569e04d8a52e3'],
    ['vgg11', 'glorot', 'spectral', '249b344bc964329b78abf7acb5f3a28b1d61d2e10ce4a5dc4860135665c4a0ff'],
  ] as const)('of %s by %s with norm %s equal golden hashes', (model, initialiser, norm, expected) => {
    const input = [3, 8, 8] as const;
    const problem = classifier(model, { input, classes: 7, norm, initialiser, width: 0.25 });
    const state = initialState(buildStep('step', problem, 3, sgd({ momentum: 0.9 })), 11);
    const names = [...state.keys()].filter((name) => !name.includes('velocity'));
    expect(hashOf(names.toSorted().map((name) => state.get(name) as Numbers))).toBe(expected);
  });
});

describe('batches', () => {
  it.each([
    [false, '0342e6a9eb0d6b926cf371f3093a21acb23d53ddd4e348a537c4af8f6d806f66'],
    [true, '5e1ae6bbef2115cb1035a9d720c1908378bebf54118f48f151263ebe2a686b2e'],
  ])('over three epochs, with augmentation %s, equal golden hashes', (augment, expected) => {
    const data = syntheticDataset({ classes: 4, shape: [2, 9, 11], count: 34, seed: 5 });
    const batches = createBatches(data.train, data, { batchSize: 9, seed: 21, augment });
    const seen = Array.from({ length: 3 * batches.stepsPerEpoch }, (_, step) => batches.batch(step));
    expect(hashOf(seen.flatMap(({ x, y }) => [x, y]))).toBe(expected);
  });
});

describe('schedules', () => {
  it.each<[ScheduleSettings, string]>([
    [{ kind: 'constant' }, '885fa8040d916be37e1bd43556757572194c90784433d1344691bcbe6228e2fc'],
    [
      { kind: 'step', at: [0.5, 0.75], factor: 0.1 },
      '4c73bb669f292b67e36afd125d348c6d2916402ece2f4b6b9cb2d881d7ffc9b4',
    ],
    [
      { kind: 'step', at: [0.1, 0.2, 0.35, 0.5, 0.6, 0.85, 0.9], factor: 0.7 },
      '0bc8d53b16ecf488e616ca25b65eec58a597256c39f8c0cd45afb0a0d6a40bd4',
    ],
    [{ kind: 'cosine' }, '30fbeefe01aaa9f73d0b8b309596fff2bc2c0593411388c8a60091d5971ec62b'],
    [
      { kind: 'plateau', patience: 7, factor: 0.3, improvement: 0.01 },
      'b2e6376f1adb0ab945a831f6539422178891c81827db96e1391020ca799654d3',
    ],
  ])('%j equals its golden hash', (settings, expected) => {
    const found = [1, 39, 5001].map((steps) => {
      const schedule = createSchedule(settings, steps);
      const losses = createStream({ seed: 8, purpose: 'noise', layer: 'losses' });
      return Float64Array.from({ length: steps }, (_, step) => {
        const multiple = schedule.multiple(step);
        schedule.observe(2 + losses.uniform() - step / steps);
        return multiple;
      });
    });
    expect(hashOf(found)).toBe(expected);
  });
});

describe('powers and quantiles', () => {
  it('equal golden hashes', () => {
    const bases = new Float64Array(2001);
    createStream({ seed: 1, purpose: 'noise', layer: 'bases' }).fillUniform(bases, 0.01, 30);
    const found = [-3, 0.05, 0.5, 1.7, 57].map((exponent) => bases.map((base) => power(base, exponent)));
    const products = [3, 4, 9].map((n) => bases.map((base) => wholePower(-base, n)));
    const freedoms = Array.from({ length: 200 }, (_, i) => i + 1);
    const quantiles = Float64Array.from(freedoms, (freedom) => studentQuantile(0.975, freedom));
    expect(hashOf([...found, ...products, quantiles])).toBe(
      'ce0f0664ae154c61246ed870ee6428710f0b568637930305a4afa172ccfaa850',
    );
  });
});
