/** @file The built program with one module replaced: images are made up, so that it trains without network or data. */

import { copyFileSync, cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** In place of the module that loads data sets: 400 made-up images of the real form, under the real name. */
const loader = `
import { datasets } from '../datasets.js';
import { syntheticDataset } from '../synthetic.js';

export async function loadDataset(name) {
  const { classes, shape } = datasets[name];
  return { ...syntheticDataset({ classes, shape, count: 400, seed: 1 }), name };
}

export const datasetChecksum = (name) => 'synthetic ' + name;
`;

/** Has a built program make images up in place of loading them. */
export function makeImagesUp(dist: string): void {
  writeFileSync(join(dist, 'data', 'node', 'load-dataset.js'), loader);
}

/**
 * A copy of the program that makes images up, in a new folder. Replaced by hooks of Node's, each of its modules would be
 * asked for in another thread, which takes as long as to load them.
 * @returns the path of its first module
 */
export function copyProgram(folder: string): string {
  const dist = join(folder, 'dist');
  cpSync(join(root, 'dist'), dist, { recursive: true, filter: (path) => !/\.(d\.ts|map)$/.test(path) });
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  makeImagesUp(dist);
  return join(dist, 'cli', 'main.js');
}
