/** @file Made-up images in the layout of MNIST's official files, for tests of what reads them. */

import { createStream } from '../math/random.ts';

/** Of each split its images [N, 28, 28] and its labels, as files: grey levels are drawn, and example i is of class i mod 10. */
export function idxFiles(counts: { readonly train: number; readonly test: number }): {
  readonly train: readonly Uint8Array[];
  readonly test: readonly Uint8Array[];
} {
  const stream = createStream({ seed: 5, purpose: 'noise', layer: 'idx' });
  const split = (count: number): readonly Uint8Array[] => [
    idx(
      [count, 28, 28],
      Uint8Array.from({ length: count * 28 * 28 }, () => stream.integer(256)),
    ),
    idx(
      [count],
      Uint8Array.from({ length: count }, (_, i) => i % 10),
    ),
  ];
  return { train: split(counts.train), test: split(counts.test) };
}

/** Two zero bytes, type 8, the number of sizes, the sizes, the bytes. */
function idx(sizes: readonly number[], bytes: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * sizes.length));
  header.setUint32(0, 0x0800 + sizes.length);
  for (const [i, size] of sizes.entries()) header.setUint32(4 + 4 * i, size);
  return Uint8Array.from([...new Uint8Array(header.buffer), ...bytes]);
}
