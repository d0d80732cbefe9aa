/**
 * @file How many channels ONNX Runtime lays in a block on this processor. It does not say, and with another number its
 * internal ops give wrong numbers without an error: it is seen by where one of them puts what it is given.
 */

import type { Tensor } from 'onnxruntime-common';
import { need, UnsupportedOpError } from '../errors.ts';
import { PhysicalBuilder, physicalValue } from '../graph/physical.ts';
import type { BlockSize } from '../graph/stored-layout.ts';
import { encodeModel } from '../onnx/encode.ts';
import type { Ort } from './ort.ts';

/** Two pixels of as many channels as the largest block has. */
const SHAPE = [1, 16, 1, 2] as const;

const seen = new WeakMap<Ort, Promise<number | undefined>>();

/** @throws {UnsupportedOpError} where blocks have another size here, or there are none. */
export async function requireBlocks(ort: Ort, block: BlockSize): Promise<void> {
  const found = seen.get(ort) ?? channelsInBlock(ort);
  seen.set(ort, found);
  const here = await found;
  if (here === block) return;
  throw new UnsupportedOpError(
    `Blocks must have as many channels as ONNX Runtime's here, ${here ?? 'which has none'}, got ${block}; ` +
      "try lowering 'auto'",
  );
}

/**
 * The first channel of the second pixel comes after a whole block of the first pixel.
 * @returns undefined where this build has no such op.
 */
async function channelsInBlock(ort: Ort): Promise<number | undefined> {
  const b = new PhysicalBuilder();
  const x = physicalValue('x', { dtype: 'float32', shape: SHAPE });
  const y = b.emit('ReorderInput', [x], {}, SHAPE, { domain: 'com.microsoft.nchwc' });
  const model = encodeModel({
    name: 'blocks',
    inputs: [{ name: 'x', value: x, perm: undefined }],
    outputs: [{ name: 'y', value: y, perm: undefined }],
    updates: [],
    initialisers: b.initialisers,
    nodes: b.nodes,
  });
  const pixels = Float32Array.from({ length: 32 }, (_, i) => i);
  const results: Record<string, Tensor> = { [y.name]: ort.tensor('float32', new Float32Array(32), SHAPE) };
  try {
    const session = await ort.open(model, 1);
    await session.run({ x: ort.tensor('float32', pixels, SHAPE) }, results);
    await session.release();
  } catch {
    return undefined;
  }
  const laid = need(results[y.name], 'a result of the op').data as Float32Array;
  return laid.indexOf(1);
}
