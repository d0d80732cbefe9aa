/** @file The worker of one arm: engine, network and training in one thread. */

import { webInThreadDevice } from '../../runtime/web/in-thread.ts';
import { ArmHost } from '../arm-host.ts';
import type { FromArm, ToArm } from '../messages.ts';

/** Of the scope of a worker, which the types of a page do not have. */
declare function postMessage(message: FromArm): void;

const { port1, port2 } = new MessageChannel();
let goOn: () => void = () => undefined;
port2.addEventListener('message', () => goOn());
port2.start();

const host = new ArmHost({
  openDevice: (engine) => webInThreadDevice({ lowering: 'portable', threads: 1, runtime: 'wasm' }, engine),
  post: (message) => postMessage(message),
  // What was sent before this message has been heard when it arrives; a timer would cost milliseconds.
  breathe: () =>
    new Promise((resolve) => {
      goOn = resolve;
      port1.postMessage(undefined);
    }),
});

addEventListener('message', ({ data }: MessageEvent<ToArm>) => void host.receive(data));
