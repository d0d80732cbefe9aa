/** @file How images become numbers: standardised, and where asked for moved and mirrored, into the memory of a batch. */

import { counted } from '../counted.ts';
import { ShapeError } from '../errors.ts';
import type { RandomStream } from '../math/random.ts';
import type { Dataset, Split } from './dataset.ts';

/** Arrays to fill, of the lengths of a batch's `x` and `y`. */
export interface BatchBuffers {
  readonly x: Float32Array;
  readonly y: Int32Array;
}

/** Black pixels added to each side before a random crop. */
const PADDING = 4;

/** Writes examples, by their numbers in the split, into the buffers; moved and mirrored where a stream says how. */
export type DrawImages = (examples: ArrayLike<number>, into: BatchBuffers, augment?: RandomStream) => void;

/** @throws {ShapeError} if the split's images have another shape than the data set's */
export function createDrawing(split: Split, dataset: Dataset): DrawImages {
  const draw = createDrawingOfOne(split, dataset);
  return (examples, { x, y }, augment) => {
    for (let place = 0; place < y.length; place++) {
      const example = examples[place] ?? 0;
      y[place] = split.labels[example] ?? 0;
      if (augment === undefined) {
        draw(x, place, example, 0, 0, false);
      } else {
        const down = augment.integer(2 * PADDING + 1) - PADDING;
        const right = augment.integer(2 * PADDING + 1) - PADDING;
        draw(x, place, example, down, right, augment.integer(2) === 1);
      }
    }
  };
}

/** Writes image `example`, moved up by `down` and left by `right` pixels and then mirrored, as image `place` of x. */
type DrawImage = (
  x: Float32Array,
  place: number,
  example: number,
  down: number,
  right: number,
  mirror: boolean,
) => void;

function createDrawingOfOne({ images, count }: Split, { shape, mean, std }: Dataset): DrawImage {
  const [C, H, W] = shape;
  if (images.length !== count * C * H * W) {
    throw new ShapeError(
      `Cannot create batches: ${counted(count, 'image')} of [${shape.join(', ')}] hold ${counted(count * C * H * W, 'pixel')}, ` +
        `got ${images.length}; pass a split of this data set`,
    );
  }
  // One look-up per pixel; 256 values per channel.
  const standardised = Float32Array.from({ length: C * 256 }, (_, i) => {
    const channel = Math.floor(i / 256);
    return ((i % 256) / 255 - (mean[channel] ?? 0)) / (std[channel] ?? 1);
  });
  return (x, place, example, down, right, mirror) => {
    // What is neither moved nor mirrored is one long row: most images are drawn so.
    const [rows, width] = down === 0 && right === 0 && !mirror ? [1, H * W] : [H, W];
    const firstColumn = Math.max(0, -right);
    const endColumn = Math.min(width, width - right);
    const stride = mirror ? -1 : 1;
    const firstTarget = mirror ? width - 1 - firstColumn : firstColumn;
    for (let c = 0; c < C; c++) {
      const values = c * 256;
      for (let h = 0; h < rows; h++) {
        const row = ((place * C + c) * rows + h) * width;
        const sourceRow = h + down;
        if (down !== 0 || right !== 0) x.fill(standardised[values] ?? 0, row, row + width);
        if (sourceRow < 0 || sourceRow >= rows) continue;
        const source = ((example * C + c) * rows + sourceRow) * width + right;
        let target = row + firstTarget;
        for (let w = firstColumn; w < endColumn; w++, target += stride) {
          x[target] = standardised[values + (images[source + w] ?? 0)] ?? 0;
        }
      }
    }
  };
}

export function newBuffers({ shape: [C, H, W] }: Dataset, batchSize: number): BatchBuffers {
  return { x: new Float32Array(batchSize * C * H * W), y: new Int32Array(batchSize) };
}

/** @throws {ShapeError} if a buffer has another length than the batch */
export function assertBuffers({ x, y }: BatchBuffers, { shape: [C, H, W] }: Dataset, batchSize: number): void {
  const values = batchSize * C * H * W;
  if (x.length !== values || y.length !== batchSize) {
    throw new ShapeError(
      `Cannot fill a batch: the buffers must hold ${values} and ${counted(batchSize, 'value')}, got ${x.length} and ${y.length}`,
    );
  }
}
