/** @file Devices of the thread that asks, which let others have a turn: Ctrl-C, and the messages of a page. */

import type { Device, OpenDevice } from '../../runtime/device.ts';

/** Milliseconds of work between two turns of others: short for whoever presses Ctrl-C, and many runs of a small network. */
const BETWEEN = 100;

/** The same devices; after a run that ends when others have waited for long, they have their turn. */
export function givingWay(openDevice: OpenDevice): OpenDevice {
  let last = performance.now();
  const giveWay = async (): Promise<void> => {
    if (performance.now() - last < BETWEEN) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    last = performance.now();
  };
  const wrapped = (device: Device): Device => ({
    settings: device.settings,
    async load(...asked) {
      const program = await device.load(...asked);
      return {
        name: program.name,
        // After the run, and not before: feeds are read when it is asked for.
        run: async (feeds, key) => {
          const outputs = await program.run(feeds, key);
          await giveWay();
          return outputs;
        },
        release: () => program.release(),
      };
    },
    write: (tensors) => device.write(tensors),
    read: (names) => device.read(names),
    sibling: (lowering) => wrapped(device.sibling(lowering)),
    close: () => device.close(),
  });
  return (settings) => wrapped(openDevice(settings));
}
