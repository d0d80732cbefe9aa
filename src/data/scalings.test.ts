import { describe, expect, it } from 'vitest';
import { exampleBatches, type Examples } from './examples.ts';
import { rescaling, scaleInto, scalingsFor, standardScaling } from './scalings.ts';

/** Three images of [3, 1, 2] whose pixels are all different. */
const examples: Examples = {
  x: Uint8Array.from({ length: 18 }, (_, i) => 10 * i),
  labels: Int32Array.of(0, 1, 2),
  count: 3,
  shape: [3, 1, 2],
  classes: 3,
  isPixels: true,
  source: 'a test',
};

function scaled(name: string): number[] {
  const scaling = scalingsFor(examples).find((one) => one.name === name);
  const into = new Float32Array(6);
  if (scaling !== undefined) scaleInto(into, examples, scaling, [2]);
  return [...into];
}

describe('scalings', () => {
  // The third image: 120 130 | 140 150 | 160 170.
  it.each([
    ['0..1', [120 / 255, 130 / 255, 140 / 255, 150 / 255, 160 / 255, 170 / 255]],
    ['0..255', [120, 130, 140, 150, 160, 170]],
    ['0..255-bgr', [160, 170, 140, 150, 120, 130]],
    ['0..255-inverted', [135, 125, 115, 105, 95, 85]],
    ['-1..1', [120, 130, 140, 150, 160, 170].map((pixel) => pixel / 127.5 - 1)],
    ['caffe', [160 - 103.939, 170 - 103.939, 140 - 116.779, 150 - 116.779, 120 - 123.68, 130 - 123.68]],
    [
      'imagenet',
      [120, 130, 140, 150, 160, 170].map((pixel, i) => {
        const [mean, std] = [
          [0.485, 0.456, 0.406],
          [0.229, 0.224, 0.225],
        ].map((list) => list[Math.floor(i / 2)] ?? 0);
        return (pixel / 255 - (mean ?? 0)) / (std ?? 1);
      }),
    ],
  ])('makes of pixels what %s says', (name, numbers) => {
    scaled(name).forEach((value, i) => expect(value).toBeCloseTo(numbers[i] as number, 4));
  });

  it('are 16 at most, none by the same name, and none for numbers that are no pixels', () => {
    for (const shape of [[3, 4, 4], [1, 4, 4], [7]]) {
      const names = scalingsFor({ shape, isPixels: true }).map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(names.length).toBeLessThanOrEqual(16);
    }
    expect(scalingsFor({ shape: [3, 4, 4], isPixels: false })).toEqual([]);
  });

  it('know those of data sets by name', () => {
    expect(standardScaling({ mean: [0.1307], std: [0.3081] }).name).toBe('mnist');
    expect(standardScaling({ mean: [0.5, 0.25, 0.125], std: [1, 2, 4] })).toMatchObject({
      name: 'standard',
      std: [1, 2, 4],
    });
  });

  it('refuse examples of another number of channels', () => {
    const grey = { ...examples, shape: [1, 2, 3] };
    const colour = standardScaling({ mean: [0.5, 0.25, 0.125], std: [1, 2, 4] });
    expect(() => scaleInto(new Float32Array(6), grey, colour, [0])).toThrow(
      /A scaling of 3 channels .* got images of \[1,2,3\]/,
    );
  });
});

describe('rescaling()', () => {
  const standard = standardScaling({ mean: [0.1, 0.4, 0.7], std: [0.2, 0.3, 0.6] });

  it.each(scalingsFor(examples).map((scaling) => [scaling.name, scaling] as const))(
    'makes %s of standardised images, as made of pixels',
    (_, scaling) => {
      const [from, to] = [new Float32Array(6), new Float32Array(6)];
      scaleInto(from, examples, standard, [1]);
      scaleInto(to, examples, scaling, [1]);
      const { factor, offset, isReversed } = rescaling(standard, scaling, 3);
      to.forEach((value, i) => {
        const [c, pixel] = [Math.floor(i / 2), i % 2];
        const x = from[2 * (isReversed ? 2 - c : c) + pixel] as number;
        // Numbers up to 255, of which float32 has seven digits.
        expect(x * (factor[c] as number) + (offset[c] as number)).toBeCloseTo(value, 3);
      });
    },
  );

  it('refuses scalings of another number of channels', () => {
    const grey = standardScaling({ mean: [0.1], std: [0.2] });
    expect(() => rescaling(grey, standard, 4)).toThrow(/must be of 4 channels, got 'standard' and 'standard'/u);
  });
});

describe('exampleBatches()', () => {
  it('shows every example once per round, and gives the same batches again', () => {
    const scaling = standardScaling({ mean: [0], std: [1] });
    const draw = exampleBatches(examples, scaling, { batchSize: 1, seed: 4 });
    const rounds = [0, 1].map((round) => [0, 1, 2].map((i) => draw(3 * round + i).labels[0]));
    for (const round of rounds) expect(round.toSorted((a = 0, b = 0) => a - b)).toEqual([0, 1, 2]);
    expect(exampleBatches(examples, scaling, { batchSize: 1, seed: 4 })(5)).toEqual(draw(5));
  });

  it('refuses batches larger than the data', () => {
    const scaling = standardScaling({ mean: [0], std: [1] });
    expect(() => exampleBatches(examples, scaling, { batchSize: 4, seed: 0 })).toThrow(
      /from 1 to all of 3 examples, got 4; try 3/,
    );
  });
});
