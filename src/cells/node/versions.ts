/** @file The versions that results depend on: ONNX Runtime's, and normscope's own code up to this level. */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DeviceSettings } from '../../runtime/device.ts';
import type { Circumstances } from '../job.ts';

/** The folders whose code can change a trajectory or a record: levels 0 to 9. */
export const computingFolders: readonly string[] = [
  'autodiff',
  'cells',
  'curvature',
  'data',
  'graph',
  'importer',
  'inspection',
  'lowering',
  'math',
  'models',
  'nn',
  'norms',
  'onnx',
  'ops',
  'probes',
  'problems',
  'records',
  'runtime',
  'train',
];

/** `from './x.js'`, `import './x.js'`, `import('./x.js')`: nothing else names a module in this code. */
const RELATIVE_IMPORT = /(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g;

/** Where they lie, in the sources or in the build. */
const computingUrls = computingFolders.map((folder) => new URL(`../../${folder}/`, import.meta.url).href);

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
let hash: string | undefined;
const withModules = new Map<string, string>();

/** A hash of the code as it runs, file names included; tests and type declarations left out. */
export function codeHash(): string {
  hash ??= hashFolders(root, computingFolders);
  return hash;
}

/**
 * As {@link codeHash}, with a module in which a measurement is written and all that it imports, directly or not: a study's
 * own code is in the hashes of its own cells, and of no other's.
 * @param module - the URL of the module, `import.meta.url` as it says of itself
 */
export function codeHashWith(module: string): string {
  const known = withModules.get(module);
  if (known !== undefined) return known;
  const made = createHash('sha256').update(codeHash()).update(hashModules(module)).digest('hex');
  withModules.set(module, made);
  return made;
}

/** A hash of names and bytes of a module and of the modules that it reaches by relative imports, levels 0 to 9 left out. */
export function hashModules(entry: string): string {
  const reached = new Map<string, string>();
  const waiting = [entry];
  for (let url = waiting.pop(); url !== undefined; url = waiting.pop()) {
    const module = url;
    if (reached.has(module) || computingUrls.some((folder) => module.startsWith(folder))) continue;
    const path = fileURLToPath(module);
    // A comment or a text may look like an import; code that imports what is not there does not run.
    if (!existsSync(path)) continue;
    const text = readFileSync(path, 'utf8');
    reached.set(module, text);
    for (const [, imported = ''] of text.matchAll(RELATIVE_IMPORT)) waiting.push(new URL(imported, module).href);
  }
  const digest = createHash('sha256');
  for (const [url, text] of [...reached].sort(([a], [b]) => (a < b ? -1 : 1))) {
    digest.update(`${relative(fileURLToPath(new URL('.', entry)), fileURLToPath(url)).replaceAll('\\', '/')}\n`);
    digest.update(text);
  }
  return digest.digest('hex');
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

/** What fixes the numbers of cells on this machine, beside their jobs. */
export function circumstancesOf(device: DeviceSettings, checksum: Circumstances['checksum']): Circumstances {
  const code = (module?: string): string => (module === undefined ? codeHash() : codeHashWith(module));
  return { device, ort: ortVersion(), code, checksum };
}
