/** @file Images at half their height and width. */

import type { ImageForm, Split } from './dataset.ts';

/** Every square of four pixels becomes their mean, to the nearest whole intensity: [N, C, H, W] → [N, C, H/2, W/2]. */
export function halfSize({ images, ...split }: Split, [, H, W]: ImageForm['shape']): Split {
  const [height, width] = [H / 2, W / 2];
  const halved = new Uint8Array(images.length / 4);
  for (let i = 0; i < halved.length; i++) {
    const plane = Math.floor(i / (height * width));
    const corner = plane * H * W + 2 * W * (Math.floor(i / width) % height) + 2 * (i % width);
    const at = (offset: number): number => images[corner + offset] as number;
    halved[i] = Math.round((at(0) + at(1) + at(W) + at(W + 1)) / 4);
  }
  return { ...split, images: halved };
}
