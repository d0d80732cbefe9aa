import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { SettingError } from '../errors.ts';
import { nodeDevice } from '../runtime/node/node-device.ts';
import { Arm, type ArmStep } from './arm.ts';
import { catalogue } from './catalogue.ts';
import { decodeDataset } from './dataset-file.ts';
import { instrumentNames, type InstrumentName } from './instrument-names.ts';
import { type Asked, resolveSettings } from './settings.ts';

const data = decodeDataset(gunzipSync(readFileSync(new URL('./data/fashion-mnist.gz', import.meta.url))));
const { fields } = catalogue(['fashion-mnist']);
const small: Asked = { width: 0.1, batchSize: 16, learningRate: 0.2, momentum: 0.9 };

// One engine for all: each arm has a state of its own beside the others'.
const device = nodeDevice({ lowering: 'portable', threads: 1 });
afterAll(() => device.close());

const open = (asked: Asked, look: readonly InstrumentName[] = [], origin?: Parameters<typeof Arm.open>[4]) =>
  Arm.open(device.sibling(), data, resolveSettings(fields, { ...small, ...asked }), look, origin);

async function lossesOf(arm: Arm, until: number): Promise<readonly number[]> {
  const losses: number[] = [];
  while (arm.step < until && !arm.isLost) losses.push((await arm.take()).loss);
  return losses;
}

describe('an arm', () => {
  it('goes back to any step exactly, also between those that it kept', async () => {
    const arm = await open({});
    const losses = await lossesOf(arm, 24);
    await arm.back(13);
    expect(arm.step).toBe(13);
    expect(await lossesOf(arm, 24)).toEqual(losses.slice(13));
    expect(arm.kept.steps).toEqual([0, 10, 20]);
  });

  it('takes the rates again that it took, when it goes back behind a change', async () => {
    const arm = await open({});
    const before = await lossesOf(arm, 5);
    arm.setRate(0.01);
    const after = await lossesOf(arm, 16);
    await arm.back(3);
    expect(await lossesOf(arm, 16)).toEqual([...before.slice(3), ...after]);
  });

  it('trains to the same bits whatever is looked at, and when that changes on the way', async () => {
    const bare = await lossesOf(await open({ normMomentum: 0.3 }), 21);
    const watched = await open({ normMomentum: 0.3 }, instrumentNames);
    const first = await lossesOf(watched, 11);
    await watched.show(['loss', 'landscape']);
    expect([...first, ...(await lossesOf(watched, 21))]).toEqual(bare);
  });

  it('is left by a fork without changes to the same future, and by one with another norm to another', async () => {
    const parent = await open({});
    await lossesOf(parent, 7);
    const origin = await parent.origin();
    const future = await lossesOf(parent, 15);
    const twin = await open({}, [], origin);
    expect(twin.step).toBe(7);
    expect(await lossesOf(twin, 15)).toEqual(future);
    const other = await open({ norm: 'layer' }, [], origin);
    const others = await lossesOf(other, 15);
    expect(others).toHaveLength(8);
    expect(others).not.toEqual(future);
    // What was learnt is kept: it is not the loss of a start.
    expect(others[0]).toBeLessThan(2.3);
  });

  it('is lost when its loss is no number, takes no further step, and can be taken back', async () => {
    const arm = await open({ norm: 'none', activation: 'identity', learningRate: 30, momentum: 0 }, [
      'loss',
      'accuracy',
      'predictions',
    ]);
    const losses = await lossesOf(arm, 60);
    expect(arm.isLost).toBe(true);
    expect(Number.isFinite(losses.at(-1))).toBe(false);
    await expect(arm.take()).rejects.toThrow('no step');
    await arm.back(1);
    expect(arm.isLost).toBe(false);
    expect((await arm.take()).loss).toBe(losses[1]);
  });

  it('measures what its instruments show, each by a definition', async () => {
    const arm = await open({}, instrumentNames);
    const steps: ArmStep[] = [];
    for (let i = 0; i < 21; i++) steps.push(await arm.take());
    const records = steps.flatMap((step) => step.records);
    const quantities = new Set(records.map(({ quantity }) => quantity));
    for (const quantity of [
      'activation-percentile',
      'activation-count',
      'parameter-gradient-norm',
      'ray-loss',
      'ray-beta',
      'covariate-shift',
      'test-accuracy',
      'test-accuracy-batch',
      'running-mean-distance',
      'singular-value',
      'probability',
    ]) {
      expect(quantities, quantity).toContain(quantity);
    }
    expect(records.every(({ definition }) => definition.length > 20)).toBe(true);
    const probabilities = records.filter(
      ({ quantity, step, place }) => quantity === 'probability' && step === 20 && place?.['image'] === 3,
    );
    expect(probabilities).toHaveLength(10);
    expect(probabilities.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(1, 6);
  });

  it.each(['vgg11', 'deep-mlp'])('trains %s on the images that ship', async (network) => {
    const arm = await open({ network, width: 0.05, depth: 4 });
    const losses = await lossesOf(arm, 2);
    expect(losses.every(Number.isFinite)).toBe(true);
  });

  it.each([
    [{ batchSize: 1 }, /batch/i],
    [{ norm: 'group', width: 0.07 }, /group/],
  ])('says what is wrong with %j', async (asked, message) => {
    await expect(open(asked)).rejects.toThrow(SettingError);
    await expect(open(asked)).rejects.toThrow(message);
  });

  it('refuses a step that it has not reached', async () => {
    const arm = await open({});
    await expect(arm.back(1)).rejects.toThrow('a step from 0 to 0, got 1');
  });
});
