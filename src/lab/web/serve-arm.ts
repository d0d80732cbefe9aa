/** @file An arm in the worker that loads this: engine, network and training in one thread. */

import { ArmHost, type HostPlatform } from '../arm-host.ts';
import type { FromArm, ToArm } from '../messages.ts';
import { showLife } from './sign-of-life.ts';
import { assertWebAssembly } from './web-assembly.ts';

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
      assertWebAssembly('train');
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
