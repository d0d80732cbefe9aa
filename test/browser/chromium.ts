/** @file Debian's Chromium, without a window: opens a page and waits for what it posts back. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';

/** Its path; undefined where there is none. */
export function findChromium(): string | undefined {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    try {
      return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    } catch {
      // Not under this name.
    }
  }
  return undefined;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Serves a folder to Chromium alone, opens its index.html, and gives what the page posts to `/answer`. */
export async function answerOfPage(chromium: string, folder: string): Promise<unknown> {
  const profile = mkdtempSync(join(tmpdir(), 'normscope-chromium-'));
  let browser: ChildProcess | undefined;
  const heard: Buffer[] = [];
  try {
    return await new Promise((resolve, reject) => {
      const server = createServer((request, response) => {
        if (request.method === 'POST') {
          const parts: Buffer[] = [];
          request.on('data', (part: Buffer) => parts.push(part));
          request.on('end', () => {
            response.end();
            server.close();
            resolve(JSON.parse(Buffer.concat(parts).toString('utf8')));
          });
          return;
        }
        const path = new URL(request.url ?? '/', 'http://localhost').pathname;
        const file = path === '/' ? '/index.html' : path;
        try {
          const body = readFileSync(join(folder, file));
          response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' }).end(body);
        } catch {
          response.writeHead(404).end();
        }
      });
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address() as AddressInfo;
        const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'];
        const page = `http://127.0.0.1:${port}/`;
        browser = spawn(chromium, [...flags, '--enable-logging=stderr', `--user-data-dir=${profile}`, page]);
        browser.stderr?.on('data', (part: Buffer) => heard.push(part));
        browser.on('error', reject);
        browser.on('exit', (code) =>
          reject(new Error(`Chromium ended with code ${code}: ${Buffer.concat(heard).toString('utf8').slice(-2000)}`)),
        );
      });
    });
  } finally {
    browser?.removeAllListeners('exit');
    browser?.kill('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 200));
    rmSync(profile, { recursive: true, force: true });
  }
}
