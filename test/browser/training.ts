/**
 * @file The training that is made in a browser and under Node: an MLP with noise, on made-up images, whose numbers come from whole
 * ones, so that no function of a platform's own has a part in them.
 */

import { type Device, classifier, openSession, sgd, type Tensors } from '../../src/everywhere.ts';

const BATCH = 16;
export const STEPS = 20;

/** Pixels in [−1, 1), and labels in turn. */
function madeUpBatch(step: number): Tensors {
  const x = Float32Array.from(
    { length: BATCH * 784 },
    (_, i) => (((i + 1) * (7919 + 104_729 * step)) % 2003) / 1001.5 - 1,
  );
  return { x, labels: Int32Array.from({ length: BATCH }, (_, i) => (3 * i + step) % 10) };
}

/** Every parameter and state after the last step, by name, as the bits of its numbers in hexadecimal digits. */
export async function trainedBits(device: Device): Promise<Record<string, string>> {
  const problem = classifier('mlp', { input: [1, 28, 28], width: 0.2, norm: 'noisy-batch' });
  const settings = { batchSize: BATCH, optimiser: sgd({ momentum: 0.9 }), learningRate: 0.05, seed: 11 };
  const session = await openSession(device, problem, settings);
  const losses: number[] = [];
  for await (const { loss } of session.steps({ feeds: madeUpBatch, until: STEPS })) losses.push(loss);
  const stored = [...(await session.read())].map(([name, { data }]) => [name, hexOf(data as Float32Array)] as const);
  await device.close();
  return { losses: hexOf(Float64Array.from(losses)), ...Object.fromEntries(stored) };
}

function hexOf({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Array.from(new Uint8Array(buffer, byteOffset, byteLength), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
}
