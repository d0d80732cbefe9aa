/** @file What an arm computes on where it asks for nothing: the processor, by WebAssembly, to the same bits everywhere. */

import { webInThreadDevice } from '../../runtime/web/in-thread.ts';
import type { ArmDevice } from '../arm-host.ts';

export async function onProcessor(engine: Uint8Array): Promise<ArmDevice> {
  return { device: webInThreadDevice({ lowering: 'portable', threads: 1, runtime: 'wasm' }, engine) };
}
