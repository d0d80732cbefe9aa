import { describe, expect, it } from 'vitest';
import { tinyData, tinyProblem, tinySettings } from '../../test/tiny-training.ts';
import { parametersOf } from '../graph/graph.ts';
import { sub } from '../graph/arithmetic.ts';
import { GraphBuilder } from '../graph/builder.ts';
import { ops } from '../ops/index.ts';
import type { Device } from '../runtime/device.ts';
import { threadlessDevice } from '../runtime/node/node-device.ts';
import { imageFeeds } from './image-feeds.ts';
import { type Kept, kept, keptName } from './kept.ts';
import type { Readout } from './readout.ts';
import { openSession, type Session } from './session.ts';

async function withSession(
  needs: readonly (readonly Kept[])[],
  use: (session: Session, device: Device) => Promise<void>,
) {
  const device = threadlessDevice({ lowering: 'portable', threads: 1 });
  const readouts = needs.map((each): Readout => ({ every: 2, needs: each }));
  try {
    await use(await openSession(device, tinyProblem(), { ...tinySettings, readouts }), device);
  } finally {
    await device.close();
  }
}

const feeds = imageFeeds(tinyData, tinySettings);

describe('what a step keeps', () => {
  it('is the state before it and its gradient, once for all who need it, at the steps at which they are due', async () => {
    await withSession([['origin'], ['gradient', 'origin'], ['gradient']], async (session) => {
      const parameters = parametersOf(session.graph).map(({ name }) => name);
      const before = await session.snapshot();
      await session.take(feeds(0));
      const names = [...before.tensors.keys()].filter((name) => !name.includes('velocity'));
      const origins = await session.read(names.map((name) => keptName('origin', name)));
      for (const name of names) {
        expect(origins.get(keptName('origin', name))?.data, name).toEqual(before.tensors.get(name)?.data);
      }
      const gradients = await session.read(parameters.map((name) => keptName('gradient', name)));
      expect([...gradients.values()].every(({ data }) => data.some((value) => value !== 0))).toBe(true);
      // Nothing is due at step 1.
      await session.take(feeds(1));
      expect(await session.read(parameters.map((name) => keptName('gradient', name)))).toEqual(gradients);
    });
  });

  it('is read by graphs through one input each', () => {
    const g = new GraphBuilder(ops);
    const w = g.input('w', [3], { kind: 'parameter', initial: { kind: 'constant', value: 0 }, owner: 'layer' });
    expect(kept(g, 'origin', w)).toBe(kept(g, 'origin', w));
    expect(kept(g, 'gradient', w)).not.toBe(kept(g, 'origin', w));
  });

  it('is refused to graphs where no readout says that it needs it', async () => {
    await withSession([['origin']], async (session) => {
      const graphOf = (what: Kept) => {
        const { g } = tinyProblem().build({ mode: 'frozen', batchSize: 9 });
        const [first] = parametersOf(g);
        if (first === undefined) throw new Error('There must be a parameter');
        return g.finish('difference', { difference: sub(g, first, kept(g, what, first)) });
      };
      await session.load(graphOf('origin'));
      await expect(session.load(graphOf('gradient'))).rejects.toThrow(
        /^What a graph reads of a step must be kept by it, but 'difference' reads 'kept\/gradient\/.*' and no readout says that it needs 'gradient'$/,
      );
    });
  });
});
