import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeDevice } from '../../runtime/node/node-device.ts';
import { Arm } from '../arm.ts';
import { lean } from '../arm-host.ts';
import { catalogue } from '../catalogue.ts';
import { decodeDataset } from '../dataset-file.ts';
import { History } from '../history.ts';
import type { InstrumentName } from '../instrument-names.ts';
import type { ArmSettings } from '../settings.ts';
import { tours } from './index.ts';
import { holds, measuredBy, measuredOf } from './measured.ts';
import { tourScene } from './tour-scene.ts';

const data = decodeDataset(gunzipSync(readFileSync(new URL('../data/fashion-mnist.gz', import.meta.url))));
const { fields } = catalogue(['fashion-mnist']);

// One engine for all: each arm has a state of its own beside the others'. ONNX Runtime's own, which is faster than the page's: what
// is expected has wider margins than rounding, and the page's bits are held to Node's elsewhere.
const device = nodeDevice({ lowering: 'portable', threads: 1 });
afterAll(() => device.close());

async function lived(settings: ArmSettings, steps: number, look: readonly InstrumentName[]): Promise<History> {
  const own = device.sibling();
  const history = new History();
  const arm = await Arm.open(own, data, settings, look);
  while (arm.step < steps && !arm.isLost) history.add(lean(await arm.take()));
  await arm.close();
  await own.close();
  return history;
}

describe('what tours expect', () => {
  it.each(tours.map((tour) => [tour.name, tour] as const))('%s: it happens', async (_, tour) => {
    const { arms, steps } = tourScene(fields, tour);
    for (const { name, settings } of arms) {
      const own = tour.expectation.filter(({ arm }) => arm === name);
      const look = new Set(own.flatMap(({ quantity }) => measuredBy[quantity] ?? []));
      // What follows the last step that is asked about decides nothing.
      const last = Math.max(0, ...own.map(({ step }) => step + 1));
      const history = await lived(settings, Math.min(steps, last), [...look]);
      const failed = own
        .filter((one) => holds(history, one) !== true)
        .map((one) => ({ ...one, found: measuredOf(history, one.quantity, one.step) }));
      expect(failed).toEqual([]);
    }
  });
});
