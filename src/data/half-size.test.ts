import { expect, it } from 'vitest';
import { halfSize } from './half-size.ts';

it('takes means of squares of four pixels, channel by channel and image by image', () => {
  // Two images of one row of squares and two columns, two channels.
  const images = Uint8Array.from({ length: 32 }, (_, i) => (i * i) % 251);
  const labels = Uint8Array.of(3, 1);
  const half = halfSize({ images, labels, count: 2 }, [2, 2, 4]);
  const at = (n: number, c: number, y: number, x: number): number =>
    images[((n * 2 + c) * 2 + y) * 4 + x] ?? Number.NaN;
  const expected = [0, 1].flatMap((n) =>
    [0, 1].flatMap((c) =>
      [0, 2].map((x) => Math.round((at(n, c, 0, x) + at(n, c, 0, x + 1) + at(n, c, 1, x) + at(n, c, 1, x + 1)) / 4)),
    ),
  );
  expect([...half.images]).toEqual(expected);
  expect([half.labels, half.count]).toEqual([labels, 2]);
});
