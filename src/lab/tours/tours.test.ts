import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { nodeDevice } from '../../runtime/node/node-device.ts';
import { studies } from '../../studies/index.ts';
import { Arm } from '../arm.ts';
import { lean } from '../arm-host.ts';
import { catalogue } from '../catalogue.ts';
import { decodeDataset } from '../dataset-file.ts';
import { History } from '../history.ts';
import type { InstrumentName } from '../instrument-names.ts';
import type { ArmSettings } from '../settings.ts';
import { tours } from './index.ts';
import { holds, measuredOf } from './measured.ts';
import { tourScene } from './tour-scene.ts';

const data = decodeDataset(gunzipSync(readFileSync(new URL('../data/fashion-mnist.gz', import.meta.url))));
const { fields } = catalogue(['fashion-mnist']);

/** What expectations are about. */
const look: readonly InstrumentName[] = ['accuracy', 'gradients', 'landscape', 'shift'];

async function lived(settings: ArmSettings, steps: number): Promise<History> {
  const device = nodeDevice({ runtime: 'wasm', lowering: 'portable', threads: 1 });
  try {
    const history = new History();
    const arm = await Arm.open(device, data, settings, look);
    while (arm.step < steps && !arm.isLost) history.add(lean(await arm.take()));
    return history;
  } finally {
    await device.close();
  }
}

describe('tours', () => {
  it('are of studies that there are, each once, with answers of which one is right', () => {
    const claims = new Set(studies.map(({ name }) => name));
    expect(tours.filter(({ claim }) => !claims.has(claim)).map(({ name }) => name)).toEqual([]);
    expect(new Set(tours.map(({ name }) => name)).size).toBe(tours.length);
    expect(tours.length).toBeGreaterThanOrEqual(8);
    for (const { predict, expectation } of tours) {
      expect(predict.answers[predict.right]).toBeDefined();
      expect(expectation.length).toBeGreaterThan(1);
    }
  });

  it.each(tours.map((tour) => [tour.name, tour] as const))('%s: what is expected is what happens', async (_, tour) => {
    const { arms, steps } = tourScene(fields, tour);
    for (const { name, settings } of arms) {
      const own = tour.expectation.filter(({ arm }) => arm === name);
      const history = await lived(settings, steps);
      const failed = own
        .filter((one) => holds(history, one) !== true)
        .map((one) => ({ ...one, found: measuredOf(history, one.quantity, one.step) }));
      expect(failed).toEqual([]);
    }
    expect(tour.expectation.filter(({ arm }) => !arms.some(({ name }) => name === arm))).toEqual([]);
  });
});
