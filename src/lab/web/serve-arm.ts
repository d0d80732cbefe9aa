/** @file An arm in the worker that loads this: engine, network and training in one thread. */

import { SettingError } from '../../errors.ts';
import { ArmHost, type HostPlatform } from '../arm-host.ts';
import type { FromArm, ToArm } from '../messages.ts';
import { showLife } from './sign-of-life.ts';

/** Of the scope of a worker, which the types of a page do not have. */
declare function postMessage(message: FromArm): void;

/** Answers messages from now on. */
export function serveArm({ openDevice, ...more }: Pick<HostPlatform, 'openDevice' | 'openOwn'>): void {
  const { port1, port2 } = new MessageChannel();
  let goOn: () => void = () => undefined;
  port2.addEventListener('message', () => goOn());
  port2.start();

  const host = new ArmHost({
    ...more,
    openDevice: async (...engines) => {
      assertWebAssembly();
      return openDevice(...engines);
    },
    post: (message) => postMessage(message),
    // What was sent before this message has been heard when it arrives; a timer would cost milliseconds.
    breathe: () =>
      new Promise((resolve) => {
        goOn = resolve;
        port1.postMessage(undefined);
      }),
  });

  // Whoever has an answer can rely on the sign.
  const isShown = showLife(self.name);
  addEventListener('message', ({ data }: MessageEvent<ToArm>) => void isShown.then(() => host.receive(data)));
}

/** @throws {SettingError} where nothing may be compiled: ONNX Runtime's own words would name neither the policy nor the repair. */
function assertWebAssembly(): void {
  try {
    // The smallest module that there is.
    void new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  } catch (error) {
    throw new SettingError(
      `Cannot train here: the page must be allowed to compile WebAssembly, got '${(error as Error).message}'; serve it with 'wasm-unsafe-eval' in the script-src of its Content-Security-Policy, or use a browser that has WebAssembly`,
      { cause: error },
    );
  }
}
