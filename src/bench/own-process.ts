/** @file How normscope's own side of a contest is started: a script of this folder in a process of its own. */

import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Launch } from './json-process.ts';

/**
 * Node with a script of the sources, `./normscope-steps.ts` seen from here, by its URL. In the build it is plain
 * JavaScript; from the sources (tests) it is TypeScript, which tsx loads.
 */
export function ownProcess(script: URL, args: readonly string[]): Launch {
  const command = process.execPath;
  const isBuilt = !import.meta.url.endsWith('.ts');
  if (isBuilt) return { command, args: [fileURLToPath(script).replace(/\.ts$/, '.js'), ...args] };
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return { command, args: ['--import', tsx, fileURLToPath(script), ...args] };
}
