import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataError } from '../../errors.ts';
import { archiveSource } from './archive-source.ts';
import { readOfficialFiles } from './official-files.ts';
import { type FetchContext, type TransferLimits } from './source.ts';
import { tinyDefinition, tinyFiles, writeTinyFiles } from './tiny-dataset.ts';
import { SlowTransfer } from './transfer.ts';

const patient: TransferLimits = { stallSeconds: 20, patienceSeconds: 20, settleSeconds: 20 };

let root: string;
let server: Server | undefined;
let archive: Buffer;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'normscope-archive-'));
  const folder = join(root, 'packed', 'cifar-10-batches-bin');
  await mkdir(folder, { recursive: true });
  await writeTinyFiles(folder);
  execFileSync('tar', ['-czf', join(root, 'tiny.tar.gz'), '-C', join(root, 'packed'), 'cifar-10-batches-bin']);
  archive = await readFile(join(root, 'tiny.tar.gz'));
  await mkdir(join(root, 'into'));
  await mkdir(join(root, 'scratch'));
});

afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  await rm(root, { recursive: true });
});

/** Fetches from a server on this machine that answers as told. */
async function fetchFrom(answer: RequestListener, context: Partial<FetchContext> = {}, md5?: string): Promise<void> {
  server = createServer(answer);
  await new Promise<void>((listening) => server?.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const source = archiveSource({
    url: `http://127.0.0.1:${port}/tiny.tar.gz`,
    md5: md5 ?? createHash('md5').update(archive).digest('hex'),
    folder: 'cifar-10-batches-bin',
  });
  await source.fetch(join(root, 'into'), {
    definition: tinyDefinition,
    scratch: join(root, 'scratch'),
    limits: patient,
    report: () => undefined,
    ...context,
  });
}

const sendAll: RequestListener = (_, response) => {
  response.setHeader('content-length', archive.length);
  response.end(archive);
};

/** Promises the whole archive, sends half of it and then nothing. */
const sendHalf: RequestListener = (_, response) => {
  response.setHeader('content-length', archive.length);
  response.write(archive.subarray(0, archive.length / 2));
};

describe('archiveSource()', () => {
  it('unpacks the official files of an archive and reports its progress', async () => {
    const seen: number[] = [];
    await fetchFrom(sendAll, { report: (fraction) => seen.push(fraction) });
    const files = await readOfficialFiles(tinyDefinition, join(root, 'into'), () => undefined);
    expect([...files.train, ...files.test].map((content) => [...content])).toEqual(
      [...tinyFiles.values()].map((content) => [...content]),
    );
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(0.95);
  });

  it('follows an answer that does not say its length', async () => {
    await fetchFrom((_, response) => void response.write(archive, () => response.end()));
    expect((await readdir(join(root, 'into'))).sort()).toEqual([...tinyFiles.keys()]);
  });

  it('throws on a wrong checksum, naming both', async () => {
    const fetched = fetchFrom(sendAll, {}, '0'.repeat(32));
    await expect(fetched).rejects.toThrow(/wrong checksum: its MD5 must be 0{32}, got [0-9a-f]{32}/);
    expect(await readdir(join(root, 'into'))).toEqual([]);
  });

  it('throws when the connection breaks off', async () => {
    const fetched = fetchFrom((request, response) => {
      sendHalf(request, response);
      setTimeout(() => request.socket.destroy(), 50);
    });
    await expect(fetched).rejects.toThrow(/broke off after \d+ of \d+ bytes/);
    await expect(fetched).rejects.toThrow(DataError);
  });

  it('throws when the transfer stalls', async () => {
    const fetched = fetchFrom(sendHalf, { limits: { ...patient, stallSeconds: 0.2 } });
    await expect(fetched).rejects.toThrow(/stalled: nothing came for 0.2 s, after \d+ bytes/);
  });

  it('throws when the server accepts and then says nothing at all', async () => {
    const fetched = fetchFrom(() => undefined, { limits: { ...patient, stallSeconds: 0.2 } });
    await expect(fetched).rejects.toThrow(/stalled: nothing came for 0.2 s, after 0 bytes/);
  });

  it('leaves a transfer that would take too long', async () => {
    const limits = { stallSeconds: 20, patienceSeconds: 0.2, settleSeconds: 0.1 };
    await expect(fetchFrom(sendHalf, { limits })).rejects.toThrow(SlowTransfer);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const report = (): void => stop.abort(new Error('enough'));
    await expect(fetchFrom(sendHalf, { report, signal: stop.signal })).rejects.toThrow(/enough/);
    expect(await readdir(join(root, 'into'))).toEqual([]);
  });

  it('throws on an answer that is an error, and on a server that is not there', async () => {
    const refused = fetchFrom((_, response) => void response.writeHead(404).end());
    await expect(refused).rejects.toThrow('the server answered 404 Not Found');
    const source = archiveSource({ url: 'http://127.0.0.1:1/x', md5: '', folder: '' });
    const context = { definition: tinyDefinition, scratch: root, limits: patient, report: () => undefined };
    await expect(source.fetch(root, context)).rejects.toThrow(/^it cannot be reached/);
  });

  it('throws on an archive without the official files', async () => {
    execFileSync('tar', ['-czf', join(root, 'other.tar.gz'), '-C', root, 'tiny.tar.gz']);
    archive = await readFile(join(root, 'other.tar.gz'));
    await expect(fetchFrom(sendAll)).rejects.toThrow(/cifar-10-batches-bin holds no data_batch_1.bin/);
  });
});
