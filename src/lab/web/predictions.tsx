/** @file What each arm says to a few test images: the probability that it gives to the right class. */

import { useEffect, useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import type { ShownImages } from '../arm.ts';
import { formatNumber } from '../../report/format.ts';
import { captionsOf } from '../figures.ts';
import { colourOf } from './colour-of.ts';
import type { Lab } from './lab.ts';

export function Predictions({ lab }: { readonly lab: Lab }): JSX.Element {
  void lab.furthest.value;
  const until = lab.cursor.value ?? Infinity;
  const images = lab.lives.value.map(({ images: own }) => own.value).find((one) => one !== undefined);
  const arms = lab.lives.value.map(({ name }) => name.value);
  if (images === undefined) return <p class="small">Measured while arms train: train on, or restart.</p>;
  return (
    <figure>
      <ul class="predictions">
        {Array.from(images.labels, (label, image) => (
          <li key={image}>
            <Picture images={images} index={image} />
            {lab.lives.value.map((life) => {
              const value = life.history.latest('probability', { at: label, image }, until) ?? 0;
              return (
                <div
                  key={life}
                  class="bar"
                  role="img"
                  aria-label={`${life.name.value}: ${formatNumber(Math.round(100 * value))} % for the right class`}
                  style={`--arm:${colourOf(arms, life.name.value)};--share:${value}`}
                />
              );
            })}
          </li>
        ))}
      </ul>
      <figcaption>{captionsOf('predictions')[0]?.caption}</figcaption>
    </figure>
  );
}

/** One image. It is drawn, and never read back: some browsers add noise to what is. */
function Picture({ images, index }: { readonly images: ShownImages; readonly index: number }): JSX.Element {
  const place = useRef<HTMLCanvasElement>(null);
  const [channels, height, width] = images.shape;
  useEffect(() => {
    const context = place.current?.getContext('2d');
    if (context === null || context === undefined) return;
    const drawn = context.createImageData(width, height);
    const plane = width * height;
    const at = (channel: number, pixel: number): number =>
      images.pixels[(index * channels + Math.min(channel, channels - 1)) * plane + pixel] ?? 0;
    for (let pixel = 0; pixel < plane; pixel++) {
      drawn.data.set([at(0, pixel), at(1, pixel), at(2, pixel), 255], 4 * pixel);
    }
    context.putImageData(drawn, 0, 0);
  }, [images, index, channels, width, height]);
  return <canvas ref={place} width={width} height={height} role="img" aria-label={`test image ${index + 1}`} />;
}
