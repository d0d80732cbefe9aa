/** @file Which platform each file of `src/` runs on, and which packages it may then import. */
import { layers, type Platform, rootFiles } from './layers.ts';

/** The public APIs: files of `src/` itself that no folder imports. */
export const entryPoints: Readonly<Record<string, Platform>> = {
  'browser.ts': 'web',
  'everywhere.ts': 'any',
  'index.ts': 'node',
};

/**
 * Packages that run on every platform, each looked at before it came here. A package that is not in this list is taken
 * for Node's.
 */
export const anyPackages: readonly string[] = [
  '@bufbuild/protobuf',
  '@dagrejs/dagre',
  '@noble/hashes',
  '@preact/signals',
  'fast-png',
  'hyparquet-writer',
  'jstat',
  'onnxruntime-common',
  'onnxruntime-web',
  'preact',
  'zod',
];

/**
 * The platform of a source file.
 * @param path - from the root of the repository, with slashes: `src/data/node/cache.ts`
 * @throws {Error} where the file stands in no folder of `layers` and is no file of `src/` that is listed there.
 */
export function platformOf(path: string): Platform {
  const [src, first = '', ...rest] = path.split('/');
  const layer = layers.find(({ folder }) => folder === first);
  const root = rootFiles.includes(first) ? 'any' : entryPoints[first];
  if (src === 'src' && rest.length === 0 && root !== undefined) return root;
  if (src !== 'src' || layer === undefined)
    throw new Error(`${path} stands in no folder of tools/layers.ts; add it there`);
  if (layer.platform === 'node') return 'node';
  const [subfolder] = rest;
  return rest.length > 1 && (subfolder === 'node' || subfolder === 'web') ? subfolder : 'any';
}
