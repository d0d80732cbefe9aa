import fs from 'node:fs';
import os from 'node:os';
import { expect, it } from 'vitest';
import { profile } from './profile.ts';
import { profileTable } from './profile-table.ts';

const lowering = { lowering: 'portable', convolution: 'winograd4' } as const;

it('profiles the step of a small network, and leaves no file behind', async () => {
  const traces = (): string[] => fs.readdirSync(os.tmpdir()).filter((name) => name.startsWith('normscope-profile-'));
  const before = new Set(traces());
  const subject = { model: 'mlp', width: 0.5, norm: 'batch', batchSize: 7, threads: 1 } as const;
  const measured = await profile(subject, lowering);
  expect(traces().filter((name) => !before.has(name))).toEqual([]);
  const { nodes, ceilings, stepSeconds, aroundSeconds } = measured;
  expect(new Set(nodes.map(({ layer }) => layer))).toEqual(
    new Set(['dense1', 'dense2', 'dense3', 'head', 'loss', 'accuracy', 'packed state']),
  );
  expect(new Set(nodes.map(({ pass }) => pass))).toEqual(new Set(['forward', 'backward', 'update']));
  const kernels = nodes.reduce((sum, { seconds }) => sum + seconds, 0);
  expect(kernels).toBeGreaterThan(0);
  expect(kernels + aroundSeconds).toBeLessThan(stepSeconds);
  expect(ceilings.moves.every(({ bytesPerSecond }) => bytesPerSecond > 0)).toBe(true);
  expect(profileTable(measured)).toContain('mlp × 0.5, norm batch, batch 7, 1 thread, lowering portable, winograd4');
});

it('says what stopped it', async () => {
  const controller = new AbortController();
  const stopped = new Error('stopped');
  const subject = { model: 'mlp', width: 0.5, norm: 'batch', batchSize: 7, threads: 1 } as const;
  const done = profile(subject, lowering, controller.signal);
  controller.abort(stopped);
  await expect(done).rejects.toBe(stopped);
});
