/** @file Official files in a gzipped tar archive on the web. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../../errors.ts';
import { runCommand } from './command.ts';
import { moveOfficialFiles } from './official-files.ts';
import type { FetchContext, Source } from './source.ts';
import { watchTransfer } from './transfer.ts';

export interface Archive {
  readonly url: string;
  readonly md5: string;
  /** The folder inside that holds the official files. */
  readonly folder: string;
}

/** Downloads an archive, verifies its checksum and unpacks it with the `tar` command. */
export function archiveSource(archive: Archive): Source {
  return {
    title: `the archive ${archive.url}`,
    async fetch(into, context) {
      const { scratch, signal, report, definition } = context;
      const path = join(scratch, 'archive.tar.gz');
      await download(archive, path, {
        ...context,
        report: (fraction, bytes, message) => report(0.95 * fraction, bytes, message),
      });
      report(0.95, 0, `Unpacking ${archive.url}`);
      await runCommand('tar', ['-xzf', path], { cwd: scratch, signal });
      await moveOfficialFiles(definition, join(scratch, archive.folder), into);
    },
  };
}

async function download({ url, md5 }: Archive, path: string, context: FetchContext): Promise<void> {
  const hash = createHash('md5');
  let bytes = 0;
  let total: number | undefined;
  await watchTransfer(
    {
      message: `Fetching ${url}`,
      received: () => bytes,
      total: () => total,
      run: async (signal) => {
        const response = await request(url, signal);
        total = Number(response.headers.get('content-length') ?? '') || undefined;
        const file = await open(path, 'w');
        try {
          for await (const chunk of chunksOf(response, () => `it broke off after ${bytes} of ${total ?? '?'} bytes`)) {
            await file.appendFile(chunk);
            hash.update(chunk);
            bytes += chunk.length;
          }
        } finally {
          await file.close();
        }
      },
    },
    context,
  );
  const got = hash.digest('hex');
  if (got !== md5) throw new DataError(`it has the wrong checksum: its MD5 must be ${md5}, got ${got}`);
}

async function request(url: string, signal: AbortSignal): Promise<Response> {
  const response = await fetch(url, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new DataError(`it cannot be reached (${reasonOf(error)})`, { cause: error });
  });
  if (!response.ok) throw new DataError(`the server answered ${response.status} ${response.statusText}`);
  return response;
}

/** The body of a response; an error of the connection becomes a DataError, which an error of the disk must not. */
async function* chunksOf(response: Response, message: () => string): AsyncGenerator<Uint8Array, void, void> {
  const reader = response.body?.getReader();
  try {
    while (reader !== undefined) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw new DataError(`${message()} (${reasonOf(error)})`, { cause: error });
      });
      if (done) return;
      yield value;
    }
  } finally {
    // Otherwise the connection would outlive a failure of the disk. Where it has failed itself, this fails likewise.
    await reader?.cancel().catch(() => undefined);
  }
}

/** fetch says only "fetch failed" and keeps the reason in `cause`. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
