/** @file A built checkout of normscope, of which nothing is used but its command line. */

import fs from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SettingError } from '../../errors.ts';
import { readJson } from '../../records/node/atomic.ts';

export interface Build {
  /** Absolute. */
  readonly folder: string;
  readonly version: string;
  /** What Node runs: the command line. */
  readonly program: string;
}

/** The build in a folder. @throws {SettingError} where there is none. */
export function buildAt(given: string): Build {
  const folder = resolve(given);
  if (!fs.existsSync(folder)) {
    throw new SettingError(
      `Cannot compare with '${given}': it must be torch, none, or the folder of another checkout of normscope, and there is no such folder`,
    );
  }
  const manifest = join(folder, 'package.json');
  const { name, version } = (fs.existsSync(manifest) ? readJson(manifest) : {}) as Record<string, unknown>;
  if (name !== 'normscope') {
    throw new SettingError(
      `Cannot compare with ${folder}: it must be a checkout of normscope, whose package.json says so`,
    );
  }
  const program = join(folder, 'dist', 'cli', 'main.js');
  if (!fs.existsSync(program)) {
    throw new SettingError(
      `Cannot compare with ${folder}: it must be built, but has no dist/cli/main.js; run 'npm ci' there`,
    );
  }
  return { folder, version: String(version), program };
}

/** The checkout that this code belongs to, as it was built last. */
export function ownBuild(): Build {
  return buildAt(fileURLToPath(new URL('../../../', import.meta.url)));
}
