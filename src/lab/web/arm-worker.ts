/** @file The worker of one arm. */

import { webInThreadDevice } from '../../runtime/web/in-thread.ts';

addEventListener('message', ({ data }: MessageEvent<Uint8Array>) => {
  const device = webInThreadDevice({ lowering: 'portable', threads: 1, runtime: 'wasm' }, data);
  void device.close();
});
