import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { DataError, SettingError } from '../errors.ts';
import { foreignRunner } from '../runtime/node/run-foreign.ts';
import { nodeDevice } from '../runtime/node/node-device.ts';
import { Arm } from './arm.ts';
import { catalogue } from './catalogue.ts';
import { decodeDataset } from './dataset-file.ts';
import { ownNetwork } from './own-network.ts';
import { resolveSettings } from './settings.ts';

const data = decodeDataset(gunzipSync(readFileSync(new URL('./data/fashion-mnist.gz', import.meta.url))));
const { fields } = catalogue(['fashion-mnist']);
const bytes = readFileSync(new URL('../../docs/tutorial/healthy.onnx', import.meta.url));

const device = nodeDevice({ lowering: 'portable', threads: 1 });
afterAll(() => device.close());

const open = (file: Uint8Array, dataset = data) =>
  ownNetwork(foreignRunner(), { name: 'healthy.onnx', bytes: file }, device.sibling(), dataset);

describe('ownNetwork()', () => {
  it("trains a file's network with the norms that it has, and forks it without them", async () => {
    const make = await open(bytes);
    const settings = resolveSettings(fields, { learningRate: 0.05, batchSize: 32 });
    const arm = await Arm.open(device.sibling(), data, settings, ['activations', 'statistics'], undefined, make);
    const losses: number[] = [];
    while (arm.step < 21) losses.push((await arm.take()).loss);
    // A network of digits, which learns clothes.
    expect(losses.at(-1)).toBeLessThan(0.6 * (losses[0] ?? 0));
    const bare = { ...settings, norm: 'none' };
    const fork = await Arm.open(device.sibling(), data, bare, [], await arm.origin(), make);
    expect(fork.step).toBe(21);
    expect(fork.parameters).toBeLessThan(arm.parameters);
    expect(Number.isFinite((await fork.take()).loss)).toBe(true);
  });

  it('refuses what is no model, and data of another form', async () => {
    await expect(open(new TextEncoder().encode('no model'))).rejects.toThrow(DataError);
    const larger = { ...data, shape: [3, 32, 32] as const };
    await expect(open(bytes, larger)).rejects.toThrow(SettingError);
    await expect(open(bytes, larger)).rejects.toThrow("must take the data's [3, 32, 32]");
  });
});
