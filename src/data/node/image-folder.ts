/** @file A folder of images by class: one folder per class, PNGs in it, as torchvision's ImageFolder and Keras take them. */

import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { decode } from 'fast-png';
import { counted } from '../../counted.ts';
import { DataError } from '../../errors.ts';
import { checkExamples, type Examples } from '../examples.ts';
import { reading } from './reading.ts';

export interface ImageFolderOptions {
  /** Images of each class, the first by name; default 200. */
  readonly perClass?: number;
}

/** Shown to whoever has images that are no PNGs. */
const remedy =
  "turn them into PNGs first: 'mogrify -format png *.jpg' (ImageMagick), or Pillow's Image.open(f).save(g)";
const others = new Set(['.jpg', '.jpeg', '.webp', '.gif', '.bmp', '.tif', '.tiff']);

/**
 * Reads `<folder>/<class>/<image>.png`; classes are numbered in the order of their names, as others number them. All images
 * must be of one size, 8 bits, grey or coloured; an alpha channel is left out.
 * @throws {DataError} where there are no two classes, an image is no such PNG, or is of another size.
 * @throws {StorageError} where the folder cannot be read.
 */
export async function readImageFolder(folder: string, { perClass = 200 }: ImageFolderOptions = {}): Promise<Examples> {
  const entries = await reading(folder, () => readdir(folder, { withFileTypes: true }));
  const classes = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted();
  if (classes.length < 2) {
    throw new DataError(
      `A folder of images must hold a folder per class, two or more, got ${counted(classes.length, 'folder')} in ${folder}`,
    );
  }
  const images: Uint8Array[] = [];
  const labels: number[] = [];
  let shape: readonly [number, number, number] | undefined;
  for (const [label, name] of classes.entries()) {
    const place = join(folder, name);
    const files = (await reading(place, () => readdir(place))).toSorted();
    const pngs = files.filter((file) => extname(file).toLowerCase() === '.png');
    if (pngs.length === 0) {
      const other = files.find((file) => others.has(extname(file).toLowerCase()));
      throw new DataError(
        `Images must be PNGs, got ${other === undefined ? 'none' : `'${other}' and no PNG`} in ${place}; ${remedy}`,
      );
    }
    for (const file of pngs.slice(0, perClass)) {
      const image = await readPng(join(place, file));
      if (shape !== undefined && image.shape.join() !== shape.join()) {
        throw new DataError(
          `All images must be of one size, [${shape.join(', ')}], got [${image.shape.join(', ')}] in ${join(place, file)}; ` +
            "scale them first: 'mogrify -resize 32x32! *.png'",
        );
      }
      shape = image.shape;
      images.push(image.planes);
      labels.push(label);
    }
  }
  const size = images[0]?.length ?? 0;
  const x = new Uint8Array(images.length * size);
  for (const [i, image] of images.entries()) x.set(image, i * size);
  const examples = {
    x,
    labels: Int32Array.from(labels),
    count: images.length,
    shape: shape ?? [],
    classes: classes.length,
    isPixels: true,
    source: `the folder ${folder}`,
  };
  checkExamples(examples);
  return examples;
}

/** One image as planes [C, H, W], C 1 or 3. */
async function readPng(
  path: string,
): Promise<{ readonly planes: Uint8Array; readonly shape: readonly [number, number, number] }> {
  const bytes = await reading(path, () => readFile(path));
  let image: ReturnType<typeof decode>;
  try {
    image = decode(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataError(`Cannot read ${path} as a PNG (${reason}); ${remedy}`, { cause: error });
  }
  const { width, height, channels, depth, data, palette } = image;
  if (depth !== 8) throw new DataError(`A PNG must have 8 bits per channel, got ${depth} in ${path}; ${remedy}`);
  const C = palette !== undefined || channels > 2 ? 3 : 1;
  const planes = new Uint8Array(C * height * width);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < C; c++) {
      const value = palette === undefined ? data[pixel * channels + c] : palette[data[pixel] as number]?.[c];
      planes[c * width * height + pixel] = value ?? 0;
    }
  }
  return { planes, shape: [C, height, width] };
}
