import { expect, it } from 'vitest';
import { describeCache } from '../../src/data/node/cache.ts';
import { Place } from './command-line.ts';

const place = new Place();
const { datasets } = await describeCache();
const isCached = datasets.some(({ name, state }) => name === 'mnist' && state === 'cached');

it.runIf(isCached)('learns real MNIST in a few seconds', async () => {
  const command = 'run mlp --steps 60 --json'.split(' ');
  // The user's own cache again.
  const env = { XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'] ?? '' };
  const { code, stdout } = await place.run(place.newFolder(), command, { env });
  expect(code).toBe(0);
  const [, accuracy] = /^Test accuracy ([\d.]+) %/.exec(JSON.parse(stdout).sentence) ?? [];
  expect(Number(accuracy)).toBeGreaterThan(80);
});
