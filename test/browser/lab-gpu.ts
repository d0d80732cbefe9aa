/** @file How an arm of the built page trains on the processor or on the GPU, by the worker that the page itself would start. */

import type { GpuReport } from '../../src/lab/messages.ts';
import type { ArmSettings } from '../../src/lab/settings.ts';
import type { Page } from './devtools.ts';

/** Of Chromium: WebGPU on the processor, by SwiftShader, where there is no GPU. */
export const swiftShader: readonly string[] = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
];

export interface TrainedArm {
  /** Of each step, before its update. */
  readonly losses: readonly number[];
  /** The last of them once more, after going back; none where it did not. */
  readonly again: readonly number[];
  /** Steps a second, the first left out, which compiles. */
  readonly rate: number;
  readonly gpu?: GpuReport;
}

/** @param page - the lab, built. @param back - the step that it goes back to in the end, and trains on from */
export async function trainedInPage(
  page: Page,
  settings: ArmSettings,
  steps: number,
  back: number = steps,
): Promise<TrainedArm> {
  const answer = await page.evaluate(`(async () => {
    const unzipped = async (name) => new Uint8Array(await new Response(
      (await fetch(name)).body.pipeThrough(new DecompressionStream('gzip'))).arrayBuffer());
    const settings = ${JSON.stringify(settings)};
    const isOnGpu = settings.device === 'webgpu';
    const processor = await unzipped('engine.wasm.gz');
    const engines = isOnGpu ? { engine: await unzipped('gpu-engine.wasm.gz'), yardstick: processor } : { engine: processor };
    const data = await unzipped('fashion-mnist.gz');
    const worker = new Worker(isOnGpu ? 'gpu-arm.js' : 'arm.js', { name: 'normscope test' });
    const losses = [];
    let gpu, began, rate;
    try {
      return await new Promise((resolve, reject) => {
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.onmessage = ({ data: said }) => {
          if (said.kind === 'failed') reject(new Error(said.message));
          if (said.kind === 'opened') {
            gpu = said.gpu;
            worker.postMessage({ kind: 'go', until: 1 });
          }
          if (said.kind !== 'steps') return;
          losses.push(...said.steps.map(({ loss }) => loss));
          if (losses.length === 1) {
            began = performance.now();
            worker.postMessage({ kind: 'go', until: ${steps} });
          }
          if (losses.length === ${steps}) {
            rate = 1000 * (${steps} - 1) / (performance.now() - began);
            worker.postMessage({ kind: 'back', step: ${back} });
            worker.postMessage({ kind: 'go', until: ${steps} });
          }
          if (losses.length === ${2 * steps - back}) resolve({ losses: losses.slice(0, ${steps}), again: losses.slice(${steps}), gpu, rate });
        };
        worker.postMessage({ kind: 'open', ...engines, data, settings, instruments: [] });
      });
    } finally {
      worker.terminate();
    }
  })()`);
  return answer as TrainedArm;
}

/** The largest difference of losses at equal steps. */
export function lossError(one: TrainedArm, other: TrainedArm): number {
  return Math.max(...one.losses.map((loss, i) => Math.abs(loss - (other.losses[i] ?? Number.NaN))));
}

/** Whether a page may compute on a GPU here. */
export async function hasWebGpu(page: Page): Promise<boolean> {
  return (await page.evaluate('(async () => Boolean(await navigator.gpu?.requestAdapter()))()')) === true;
}
