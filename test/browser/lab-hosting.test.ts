/** @file The lab's page trains wherever it is put: the least that each place must show is three steps of a training. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PageFiles, readPage } from '../../src/lab/node/page-files.ts';
import { publishLab } from '../../src/lab/node/publish.ts';
import { serveLab } from '../../src/lab/node/server.ts';
import { singleFile } from '../../src/lab/node/single-file.ts';
import { findChromium } from './chromium.ts';
import { Browser, type PageOptions } from './devtools.ts';

const chromium = findChromium();
if (chromium === undefined) console.log('No Chromium here: install the package chromium to test where the lab runs');

/** Set by the page while it trains. */
const trains = (root: string): string => `Number(${root}.documentElement.dataset.labStep) >= 3`;
const SECONDS = 90;

const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

interface HostOptions {
  /** Where the folder is: '/' or '/deep/below/'. */
  readonly below?: string;
  /** As hosts do that take a file ending in .gz for one that is compressed in transit. */
  readonly announcesGzip?: boolean;
}

describe.skipIf(chromium === undefined)(
  'the page of the lab, built',
  () => {
    const root = mkdtempSync(join(tmpdir(), 'normscope-hosting-'));
    const public_ = join(root, 'public');
    const servers: Server[] = [];
    let files: PageFiles;
    let browser: Browser;
    beforeAll(async () => {
      files = readPage();
      publishLab(files, public_);
      browser = await Browser.open(chromium ?? '');
    });
    afterAll(async () => {
      await browser.close();
      for (const server of servers) server.close().closeAllConnections();
      rmSync(root, { recursive: true, force: true });
    });

    /** A static host that knows nothing of the lab, and its address. */
    async function host({ below = '/', announcesGzip = false }: HostOptions = {}): Promise<string> {
      const server = createServer(({ url = '/' }, response) => {
        const path = url.replace(/\?.*$/, '');
        const name = path.endsWith('/') ? `${path}index.html` : path;
        try {
          const body = readFileSync(
            name.startsWith(below) ? join(public_, name.slice(below.length)) : join(root, name),
          );
          response.writeHead(200, {
            'Content-Type': types[extname(name)] ?? 'application/octet-stream',
            ...(announcesGzip && name.endsWith('.gz') && { 'Content-Encoding': 'gzip' }),
          });
          response.end(body);
        } catch {
          response.writeHead(404).end();
        }
      });
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    }

    /** Opens an address, waits until it trains, and gives the errors that the browser has met. */
    async function errorsOf(address: string, document = 'document', options: PageOptions = {}): Promise<string[]> {
      const page = await browser.page(address, options);
      try {
        await page.until(trains(document), SECONDS);
        return page.errors.filter((error) => !error.includes('favicon'));
      } finally {
        await page.close();
      }
    }

    it('trains from the server of `normscope lab`, under its policy', async () => {
      const { address, close } = await serveLab(files);
      expect(await errorsOf(address)).toEqual([]);
      await close();
    });

    it('trains from a plain static host', async () => {
      expect(await errorsOf(`${await host()}/`)).toEqual([]);
    });

    it('trains below a path, of a host that announces its .gz files as compressed in transit', async () => {
      expect(await errorsOf(`${await host({ below: '/deep/below/', announcesGzip: true })}/deep/below/`)).toEqual([]);
    });

    it('trains in a frame of another page', async () => {
      writeFileSync(join(root, 'lecture.html'), '<!doctype html><iframe src="lab/" width="800" height="600"></iframe>');
      const address = `${await host({ below: '/lab/' })}/lecture.html`;
      expect(await errorsOf(address, 'document.querySelector("iframe").contentDocument')).toEqual([]);
    });

    it('trains as one file from a disk, without a network', async () => {
      const path = join(root, 'one file.html');
      writeFileSync(path, singleFile(files));
      expect(await errorsOf(pathToFileURL(path).href, 'document', { isOffline: true })).toEqual([]);
    });
  },
  120_000,
);
