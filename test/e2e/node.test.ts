/** @file The version of Node: it is the one that runs the tests, and it has nothing to say to users. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Place } from './command-line.ts';
import { runFolders, smallMeasurement, smallRun } from './small-runs.ts';

const place = new Place();

it('the program runs under the Node that runs its tests', async () => {
  const cwd = place.newFolder();
  const { code, stderr } = await place.run(cwd, smallMeasurement, { isSynthetic: true });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const [folder = ''] = runFolders(join(cwd, 'runs'));
  const { machine } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  expect(machine.node).toBe(process.versions.node);
}, 60_000);

it.each([
  ['run', smallRun],
  ['reproduce', smallMeasurement],
  ['graph', 'graph mlp --training --out step.onnx'.split(' ')],
  ['claims', ['claims']],
])(
  '%s says nothing of deprecated or experimental parts of Node, pending ones included',
  async (_, args) => {
    const env = { NODE_PENDING_DEPRECATION: '1' };
    const { code, stderr } = await place.run(place.newFolder(), args, { env, isSynthetic: true });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).not.toMatch(/\(node:\d+\)|Warning/);
  },
  60_000,
);

it('such a warning would be seen', async () => {
  const env = { NODE_OPTIONS: '--import=data:text/javascript,new%20Buffer(1)' };
  const { stderr } = await place.run(place.newFolder(), ['--version'], { env });
  expect(stderr).toMatch(/\(node:\d+\).*DEP0005/);
});
