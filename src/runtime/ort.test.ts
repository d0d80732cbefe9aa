import { afterEach, describe, expect, it, vi } from 'vitest';
import { add, mul } from '../graph/arithmetic.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph } from '../graph/graph.ts';
import { ops } from '../ops/index.ts';
import type { Device, DeviceSettings } from './device.ts';
import { loadOrt } from './node/load-ort.ts';
import { nodeDevice } from './node/node-device.ts';

/** count ← 2 count + by, giving the count before, the count after in its own layout, and how many pixels have `by` on top. */
function counter(): Graph {
  const g = new GraphBuilder(ops);
  const initial = { kind: 'constant', value: 0 } as const;
  const count = g.input('count', [3, 2, 1, 4], { kind: 'state', initial, owner: 'optimiser' });
  const by = g.input('by', [3, 2, 1, 4], { kind: 'data' });
  const next = add(g, mul(g, count, 2), by);
  const best = g.emit('ArgMax', [by], { axis: 3 });
  return g.finish('step', { before: mul(g, count, 1), after: next, best }, [{ state: count, next }]);
}

const devices: Device[] = [];
function open(settings: DeviceSettings): Device {
  const device = nodeDevice(settings);
  devices.push(device);
  return device;
}

afterEach(async () => {
  vi.doUnmock('onnxruntime-web');
  await Promise.all(devices.splice(0).map((device) => device.close()));
});

describe.each(['native', 'wasm'] as const)('the runtime %s', (runtime) => {
  it.each([1, 2])('writes what it computes into the tensors it is given, by %i thread(s)', async (threads) => {
    const device = open({ runtime, lowering: 'portable', threads });
    const step = await device.load(counter(), 'state');
    const by = Float32Array.from({ length: 24 }, (_, i) => (7 * i) % 24);
    const best = [0, 1, 2, 3, 4, 5].map((row) => {
      const four = by.slice(4 * row, 4 * row + 4);
      return four.indexOf(Math.max(...four));
    });
    for (let t = 1; t <= 4; t++) {
      const results = await step.run({ by });
      // The count after t steps is (2^t − 1) · by: small whole numbers, exact.
      expect(results['before']).toEqual(by.map((value) => (2 ** (t - 1) - 1) * value));
      expect(results['after']).toEqual(by.map((value) => (2 ** t - 1) * value));
      expect([...(results['best'] ?? [])].map(Number)).toEqual(best);
    }
    const stored = await device.read(['count']);
    expect(stored.get('count')).toEqual({ shape: [3, 2, 1, 4], data: by.map((value) => 15 * value) });
  });
});

it('says how to get the package of a runtime that is not installed', async () => {
  vi.doMock('onnxruntime-web', () => {
    throw new Error('none');
  });
  await expect(loadOrt('wasm')).rejects.toMatchObject({
    name: 'SettingError',
    message: expect.stringMatching(/^Runtime 'wasm' needs .*; npm install onnxruntime-web@1\.30\.0$/),
  });
});
