/** @file What an arm of the lab has learnt after some steps, as one number per tensor: of the page's own worker, and under Node. */

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Arm } from '../../src/lab/arm.ts';
import { catalogue } from '../../src/lab/catalogue.ts';
import { decodeDataset } from '../../src/lab/dataset-file.ts';
import { type ArmSettings, resolveSettings } from '../../src/lab/settings.ts';
import type { Device } from '../../src/runtime/device.ts';
import { norms } from '../../src/norms/index.ts';
import type { Page } from './devtools.ts';

const STEPS = 10;

const file = new URL('../../src/lab/data/fashion-mnist.gz', import.meta.url);
const { fields } = catalogue(['fashion-mnist']);

/** By name, FNV-1a over the bytes of each tensor that the training stores. */
export type Bits = Readonly<Record<string, number>>;

/** The same text runs in the page. */
function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

export async function bitsUnderNode(device: Device, settings: ArmSettings): Promise<Bits> {
  const own = device.sibling();
  try {
    const arm = await Arm.open(own, decodeDataset(gunzipSync(readFileSync(file))), settings, []);
    while (arm.step < STEPS && !arm.isLost) await arm.take();
    const { snapshot } = await arm.origin();
    return Object.fromEntries(
      [...snapshot.tensors].map(([name, { data }]) => [
        name,
        hashOf(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
      ]),
    );
  } finally {
    await own.close();
  }
}

/** Networks, and the norms that each can have: those of images alone need pixels. */
export const networks = ['mlp', 'vgg11', 'resnet20'] as const;

export function normsFor(network: (typeof networks)[number]): readonly string[] {
  const ofImages = ['instance', 'filter-response'];
  return Object.keys(norms).filter((norm) => network !== 'mlp' || !ofImages.includes(norm));
}

/** Small, and of a width that its groups divide. */
export function compared(network: string, norm: string): ArmSettings {
  const width = network === 'mlp' ? 0.24 : 0.25;
  return resolveSettings(fields, { network, norm, width, batchSize: 32, learningRate: 0.05 });
}

/** @param page - the lab, built */
export async function bitsInPage(page: Page, settings: ArmSettings): Promise<Bits> {
  const answer = await page.evaluate(`(async () => {
    const hashOf = ${hashOf.toString()};
    const unzipped = async (name) => new Uint8Array(await new Response(
      (await fetch(name)).body.pipeThrough(new DecompressionStream('gzip'))).arrayBuffer());
    window.kept ??= { engine: await unzipped('engine.wasm.gz'), data: await unzipped('fashion-mnist.gz') };
    const worker = new Worker('arm.js');
    try {
      return await new Promise((resolve, reject) => {
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.onmessage = ({ data }) => {
          if (data.kind === 'failed') reject(new Error(data.message));
          if (data.kind === 'opened') worker.postMessage({ kind: 'go', until: ${STEPS} });
          if (data.kind === 'steps' && (data.isLost || data.steps.at(-1).step === ${STEPS - 1})) {
            worker.postMessage({ kind: 'origin' });
          }
          if (data.kind === 'origin') {
            resolve(Object.fromEntries([...data.origin.snapshot.tensors].map(([name, { data: d }]) =>
              [name, hashOf(new Uint8Array(d.buffer, d.byteOffset, d.byteLength))])));
          }
        };
        worker.postMessage({ kind: 'open', ...window.kept, settings: ${JSON.stringify(settings)}, instruments: [] });
      });
    } finally {
      worker.terminate();
    }
  })()`);
  return answer as Bits;
}
