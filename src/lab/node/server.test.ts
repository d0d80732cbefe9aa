import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabServer, serveLab } from './server.ts';

const script = 'console.log("the page");'.repeat(50);
const files = new Map<string, Uint8Array>([
  ['index.html', Buffer.from('<!doctype html>')],
  ['lab.js', Buffer.from(script)],
  ['engine.wasm.gz', Uint8Array.of(0x1f, 0x8b, 255, 0)],
  ['unknown.type', Buffer.from('x')],
]);

let server: LabServer;
let port = 0;
beforeAll(async () => {
  server = await serveLab(files);
  port = Number(new URL(server.address).port);
});
afterAll(() => server.close());

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** By `request`, which sends paths and hosts as they are, where `fetch` would tidy them. */
function ask(path: string, method = 'GET', headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () =>
        resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('serveLab', () => {
  it('gives its files, with their types, and index.html at the root, whatever is asked behind it', async () => {
    for (const path of ['/', '/index.html', '/?norm=batch&rate=1']) {
      const { status, headers, body } = await ask(path);
      expect(status, path).toBe(200);
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(body.toString()).toBe('<!doctype html>');
    }
    const { headers, body } = await ask('/lab.js');
    expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(body.toString()).toBe(script);
  });

  it('compresses text for those who take it, and hands out what is compressed as it is', async () => {
    const text = await ask('/lab.js', 'GET', { 'accept-encoding': 'gzip, br' });
    expect(text.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(text.body).toString()).toBe(script);
    const refused = await ask('/lab.js', 'GET', { 'accept-encoding': 'br, gzip;q=0' });
    expect(refused.headers['content-encoding']).toBeUndefined();
    const engine = await ask('/engine.wasm.gz', 'GET', { 'accept-encoding': 'gzip' });
    expect(engine.headers['content-encoding']).toBeUndefined();
    expect(engine.headers['content-type']).toBe('application/gzip');
    expect([...engine.body]).toEqual([0x1f, 0x8b, 255, 0]);
  });

  it('answers HEAD with the headers alone', async () => {
    const { status, headers, body } = await ask('/lab.js', 'HEAD');
    expect([status, headers['content-length'], body.length]).toEqual([200, String(script.length), 0]);
  });

  it('sends its policy with every answer, and lets no other site read one', async () => {
    const answers = [
      await ask('/'),
      await ask('/nothing'),
      await ask('/', 'POST'),
      await ask('/', 'GET', { host: 'x' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 405, 421]);
    for (const { headers } of answers) {
      expect(headers['content-security-policy']).toMatch(
        /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; .*frame-ancestors 'self'$/,
      );
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['cache-control']).toBe('no-cache');
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it('refuses whoever calls it by another name, as a page of another site would', async () => {
    const hosts = ['evil.example', `evil.example:${port}`, '127.0.0.1', `127.0.0.1:${port + 1}`, `127.0.0.1:${port}.x`];
    for (const host of hosts) expect((await ask('/', 'GET', { host })).status, host).toBe(421);
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`]) {
      expect((await ask('/', 'GET', { host })).status, host).toBe(200);
    }
  });

  it('gives nothing but its files, however the path is written', async () => {
    const paths = [
      '/package.json',
      '/../package.json',
      '/%2e%2e/package.json',
      '/..%2fpackage.json',
      '//etc/passwd',
      '/./lab.js',
      '/lab.js/',
      '/unknown.type',
      '/constructor',
      '/%',
      'http://127.0.0.1/lab.js',
    ];
    for (const path of paths) expect((await ask(path)).status, path).toBe(404);
  });

  it('is read, not written', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const { status, headers } = await ask('/lab.js', method);
      expect([status, headers.allow], method).toEqual([405, 'GET, HEAD']);
    }
  });

  it('says so where its port is taken, and closes at once while somebody is connected', async () => {
    await expect(serveLab(files, port)).rejects.toThrow(/another program has it; choose another/);
    const other = await serveLab(files);
    const socket = connect(Number(new URL(other.address).port), '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    const isLeft = new Promise((resolve) => socket.once('close', resolve));
    await other.close();
    await isLeft;
    await expect(ask('/').then(({ status }) => status)).resolves.toBe(200);
  });
});
