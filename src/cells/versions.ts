/** @file The versions that results depend on: ONNX Runtime's, and normscope's own code up to this level. */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folders whose code can change a trajectory or a record: levels 0 to 8. */
export const computingFolders: readonly string[] = [
  'autodiff',
  'cells',
  'data',
  'graph',
  'lowering',
  'math',
  'models',
  'nn',
  'norms',
  'onnx',
  'ops',
  'probes',
  'records',
  'runtime',
  'train',
];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
let hash: string | undefined;
let measuringHash: string | undefined;

/** A hash of the code as it runs, file names included; tests and type declarations left out. */
export function codeHash(): string {
  hash ??= hashFolders(root, computingFolders);
  return hash;
}

/** As {@link codeHash}, with the studies' own code, in which measurements without training are written. */
export function measuringCodeHash(): string {
  measuringHash ??= hashFolders(root, [...computingFolders, 'studies']);
  return measuringHash;
}

/** A hash of names and bytes of the code in these folders of a root, at any depth. */
export function hashFolders(root: string, folders: readonly string[]): string {
  const digest = createHash('sha256');
  for (const folder of folders) {
    const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
    for (const name of names.filter(isCode).sort()) {
      digest.update(`${folder}/${name.replaceAll('\\', '/')}\n`);
      digest.update(readFileSync(join(root, folder, name)));
    }
  }
  return digest.digest('hex');
}

function isCode(name: string): boolean {
  return /\.(js|ts)$/.test(name) && !/\.(d|test)\.ts$/.test(name);
}

/** The version of onnxruntime-node that is installed. */
export function ortVersion(): string {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  return version;
}
