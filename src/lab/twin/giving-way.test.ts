import { afterEach, expect, it, vi } from 'vitest';
import type { Graph } from '../../graph/graph.ts';
import type { Device, OpenDevice } from '../../runtime/device.ts';
import { givingWay } from './giving-way.ts';

afterEach(() => vi.restoreAllMocks());

/** A device whose programs take no time, and no turn of the event loop. */
const open: OpenDevice = (settings) => {
  const device: Device = {
    settings,
    load: async () => ({
      name: 'nothing',
      run: async () => ({ y: Float32Array.of(3) }),
      release: async () => undefined,
    }),
    write: async () => undefined,
    read: async () => new Map(),
    sibling: () => device,
    close: async () => undefined,
  };
  return device;
};

it.each([
  ['lets others have a turn after a tenth of a second of runs', 60, true],
  ['does not stop for them at every run', 10, false],
])('%s', async (_, milliseconds, isHeard) => {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const program = await givingWay(open)({ lowering: 'portable', threads: 1 })
    .sibling()
    .load({} as Graph);
  let heard = false;
  setTimeout(() => (heard = true), 0);
  for (let i = 0; i < 3; i++) {
    now += milliseconds;
    expect(await program.run({})).toEqual({ y: Float32Array.of(3) });
  }
  expect(heard).toBe(isHeard);
});
