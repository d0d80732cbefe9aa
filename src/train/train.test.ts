import { describe, expect, it } from 'vitest';
import { device as settings, tinyData, tinyProblem, tinySettings } from '../../test/tiny-training.ts';
import { probe } from '../probes/index.ts';
import { deepLinear, regression } from '../problems/regression.ts';
import type { Device } from '../runtime/device.ts';
import { threadlessDevice } from '../runtime/node/node-device.ts';
import { adam } from './optimisers/adam.ts';
import { sgd } from './optimisers/sgd.ts';
import { train } from './train.ts';

const tiny = { ...tinySettings, steps: 6 };

/** A device that knows how many siblings of its are open. */
function counted(): { readonly device: Device; open: number } {
  const real = threadlessDevice(settings);
  const counter = { device: real, open: 0 };
  const sibling = (): Device => {
    const made = real.sibling();
    counter.open += 1;
    const close = async (): Promise<void> => {
      counter.open -= 1;
      await made.close();
    };
    return {
      settings,
      load: (graph, mayWrite) => made.load(graph, mayWrite),
      write: (state) => made.write(state),
      read: (names) => made.read(names),
      sibling: () => made.sibling(),
      close,
    };
  };
  counter.device = { ...real, settings, sibling, close: () => real.close() };
  return counter;
}

describe('train()', () => {
  it('trains on a data set to the last step, and frees what it made', async () => {
    const counter = counted();
    const losses: number[] = [];
    for await (const { loss } of train(tinyProblem(), tinyData, tiny, counter.device)) {
      expect(counter.open).toBe(1);
      losses.push(loss);
    }
    expect(losses).toHaveLength(6);
    expect(counter.open).toBe(0);
    await counter.device.close();
  });

  it.each([
    ['break', false],
    ['an error', true],
  ])('frees what it made when its loop is left by %s', async (_, fails) => {
    const counter = counted();
    const leave = async (): Promise<void> => {
      for await (const { step } of train(tinyProblem(), tinyData, tiny, counter.device)) {
        if (step === 2 && fails) throw new Error('enough');
        if (step === 2) break;
      }
    };
    expect(await leave().catch(String)).toBe(fails ? 'Error: enough' : undefined);
    expect(counter.open).toBe(0);
    await counter.device.close();
  });

  it('frees what it made where the training cannot even begin', async () => {
    const counter = counted();
    const bad = train(tinyProblem(), tinyData, { ...tiny, learningRate: Number.NaN }, counter.device);
    await expect(bad.next()).rejects.toThrow(/^The learning rate/);
    expect(counter.open).toBe(0);
    await counter.device.close();
  });

  it('draws further batches from its data set for readouts that measure on them', async () => {
    const device = threadlessDevice(settings);
    const asked = { ...tiny, readouts: [probe('gradient-confusion', { every: 3, batches: 2 })] };
    const losses = async (how: typeof tiny): Promise<readonly (readonly [number, number])[]> => {
      const found: [number, number][] = [];
      for await (const { loss, records } of train(tinyProblem(), tinyData, how, device))
        found.push([loss, records.length]);
      return found;
    };
    const [plain, probed] = [await losses(tiny), await losses(asked)];
    expect(probed.map(([loss]) => loss)).toEqual(plain.map(([loss]) => loss));
    expect(probed.map(([, count]) => count)).toEqual([3, 0, 0, 3, 0, 0]);
    await device.close();
  });

  it('trains a deep linear network by squares in float64, on what a function feeds', async () => {
    const device = threadlessDevice({ lowering: 'reference', threads: 1 });
    const problem = regression(deepLinear({ depth: 3, width: 4 }), { input: [4], outputs: 4, float: 'float64' });
    const x = Float64Array.from({ length: 28 }, (_, i) => Math.sin(i * i));
    const feeds = () => ({ x, y: x.map((value) => -value) });
    for (const optimiser of [sgd({ momentum: 0.9 }), adam()]) {
      const losses: number[] = [];
      const asked = { batchSize: 7, steps: 150, optimiser, learningRate: 0.02 };
      for await (const { loss } of train(problem, feeds, asked, device)) losses.push(loss);
      expect(losses.at(-1), optimiser.kind).toBeLessThan(0.5 * (losses[0] ?? 0));
    }
    await device.close();
  });
});
