/** @file The worker of an arm that computes on the GPU: it has another build of ONNX Runtime, and is loaded only where it is asked for. */

import { need, NumericError } from '../../errors.ts';
import { faultText } from '../../runtime/self-check.ts';
import { gpuInThreadDevice } from '../../runtime/web/gpu-in-thread.ts';
import type { ArmDevice } from '../arm-host.ts';
import type { FromArm } from '../messages.ts';
import { serveArm } from './serve-arm.ts';

/** Of the scope of a worker, which the types of a page do not have. */
declare function postMessage(message: FromArm): void;

/** Milliseconds. */
const LOST_WITHIN = 500;

serveArm({ openDevice: onGpu });

/** @throws {NumericError} where it computes wrong numbers. */
async function onGpu(engine: Uint8Array, yardstick?: Uint8Array): Promise<ArmDevice> {
  const processor = need(yardstick, 'an engine for the processor, to which the GPU is held');
  const { device, title, check, left } = await gpuInThreadDevice(engine, processor, (words) =>
    postMessage({ kind: 'failed', message: lostText(words) }),
  );
  if (!check.passed) {
    // What fails since the GPU is gone fails a moment before the browser says so, and the page hears one reason.
    await new Promise((resolve) => setTimeout(resolve, LOST_WITHIN));
    throw new NumericError(
      `The GPU must compute what float64 does, but ${faultText(check)} on '${title}'; let the arm compute on the processor`,
    );
  }
  return { device, gpu: () => ({ title, error: check.error, left: left() }) };
}

function lostText(words: string): string {
  return `The GPU is gone (the browser says '${words}'), and with it what this arm had learnt; press Restart, or let it compute on the processor`;
}
