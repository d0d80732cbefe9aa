import { afterAll, describe, expect, it } from 'vitest';
import { NumericError } from '../errors.ts';
import { type NormName, norms } from '../norms/index.ts';
import { defaultNormSettings } from '../norms/norm.ts';
import { classifier } from '../problems/classifier.ts';
import { openDevice } from '../runtime/node/open-device.ts';
import { sgd } from './optimisers/sgd.ts';
import { openSession, type Step } from './session.ts';

const device = await openDevice({ lowering: 'reference' });
afterAll(() => device.close());

const [batchSize, classes, input] = [4, 3, [2, 3, 3]] as const;
const feeds = {
  x: Float32Array.from({ length: 4 * 2 * 3 * 3 }, (_, i) => Math.sin(i)),
  labels: Int32Array.of(0, 1, 2, 0),
};
/** Without epsilon, these divide by nothing. */
const dividesByNothing: readonly NormName[] = ['none', 'noise', 'dyt'];

/** A step of one hidden layer, where the weight of the layer has become 0. */
async function stepFromZero(norm: NormName, epsilon: number): Promise<Step> {
  const normSettings = { ...defaultNormSettings, epsilon, groups: 2, ghostSize: 2 };
  const problem = classifier(
    ({ conv, flatten, linear }) =>
      (x) =>
        linear('head', flatten(conv('hidden', x, { channels: 4 })), classes),
    { input, classes, norm, normSettings },
  );
  const own = device.sibling();
  try {
    const settings = { batchSize, optimiser: sgd(), learningRate: 0.1, firstBatch: feeds };
    const session = await openSession(own, problem, settings);
    const [weight] = (await session.read(['hidden/weight'])).values();
    await session.write(new Map([['hidden/weight', new Float32Array(weight?.data.length ?? 0)]]));
    return await session.take(feeds);
  } finally {
    await own.close();
  }
}

describe('a norm that divides by 0', () => {
  const dividing = (Object.keys(norms) as readonly NormName[]).filter((norm) => !dividesByNothing.includes(norm));
  it.each(dividing)('is named as the cause, with its layer: %s without epsilon', async (norm) => {
    const step = stepFromZero(norm, 0);
    await expect(step).rejects.toThrow(NumericError);
    await expect(step).rejects.toThrow(
      /^Layer 'hidden' divides by .*, which must not be 0, got 0 at step 0; (set|take) /,
    );
  });

  it.each(['weight', 'spectral'] as const)('is named with an epsilon too where that is no help: %s', async (norm) => {
    await expect(stepFromZero(norm, 1e-5)).rejects.toThrow(
      /divides by .*; take a smaller learning rate or weight decay$/,
    );
  });

  it.each(['layer', 'weight-standardised', ...dividesByNothing] as const)(
    'is not %s with its epsilon',
    async (norm) => {
      const { loss, outputs } = await stepFromZero(norm, 1e-5);
      expect(loss).toBeCloseTo(Math.log(classes), 1);
      expect(Object.keys(outputs)).toEqual(['loss', 'accuracy']);
    },
  );
});
