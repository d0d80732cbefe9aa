/** @file Made-up images for tests; nothing measured on them says anything about real networks. */
import { squareOf } from '../math/power.ts';
import { createStream } from '../math/random.ts';
import type { Dataset, Split } from './dataset.ts';

export interface SyntheticOptions {
  readonly classes: number;
  readonly shape: readonly [C: number, H: number, W: number];
  /** Of the training split and of the test split. */
  readonly count: number;
  readonly seed: number;
}

/**
 * Images that a small network can learn: each class has a random prototype, each image is its class's prototype plus
 * uniform noise of up to 48 grey levels. Example i belongs to class i mod classes.
 */
export function syntheticDataset({ classes, shape, count, seed }: SyntheticOptions): Dataset {
  const pixels = shape[0] * shape[1] * shape[2];
  const prototypes = createStream({ seed, purpose: 'noise', layer: 'synthetic.prototypes' });
  const levels = Uint8Array.from({ length: classes * pixels }, () => 48 + prototypes.integer(160));
  const split = (name: string): Split => {
    const noise = createStream({ seed, purpose: 'noise', layer: `synthetic.${name}` });
    const labels = Uint8Array.from({ length: count }, (_, i) => i % classes);
    const images = Uint8Array.from({ length: count * pixels }, (_, i) => {
      const label = labels[Math.floor(i / pixels)] ?? 0;
      return (levels[label * pixels + (i % pixels)] ?? 0) + noise.integer(97) - 48;
    });
    return { images, labels, count };
  };
  const train = split('train');
  return {
    name: 'synthetic',
    classes,
    shape,
    train,
    test: split('test'),
    ...channelMoments(train, shape),
    checksum: `synthetic: ${classes} classes of [${shape.join(', ')}], ${count} images, seed ${seed}`,
    source: 'synthetic images, for tests only',
  };
}

/** Mean and standard deviation of each channel over a split, with pixels scaled to [0, 1]. */
export function channelMoments(
  { images, count }: Split,
  [C, H, W]: readonly [C: number, H: number, W: number],
): { mean: number[]; std: number[] } {
  const plane = H * W;
  const [sums, squares] = [new Float64Array(C), new Float64Array(C)];
  for (let image = 0; image < count; image++) {
    for (let c = 0; c < C; c++) {
      const start = (image * C + c) * plane;
      for (let i = start; i < start + plane; i++) {
        const value = images[i] ?? 0;
        sums[c] = (sums[c] ?? 0) + value;
        squares[c] = (squares[c] ?? 0) + value * value;
      }
    }
  }
  const mean = Array.from(sums, (sum) => sum / (count * plane) / 255);
  const std = Array.from(squares, (sum, c) =>
    Math.sqrt(sum / (count * plane) / squareOf(255) - squareOf(mean[c] ?? 0)),
  );
  return { mean, std };
}
