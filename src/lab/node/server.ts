/** @file Serves the lab's page to this machine alone, and nothing but the page. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SettingError } from '../../errors.ts';
import { maybeErrorCode } from '../../records/node/storage-errors.ts';
import type { PageFiles } from './page-files.ts';

export interface LabServer {
  /** Where the page is: `http://127.0.0.1:40123/`. */
  readonly address: string;
  /** Ends it, with the connections that are open. */
  readonly close: () => Promise<void>;
}

/** Other machines cannot reach it. */
const HOST = '127.0.0.1';

/** The page runs its own scripts, compiles WebAssembly, and speaks to nobody. */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

const always: Readonly<Record<string, string>> = {
  'Content-Security-Policy': policy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-cache',
};

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  // Without a content encoding: the page decompresses it.
  '.gz': 'application/gzip',
};

/**
 * Serves the files of a page at `/` until it is closed.
 * @param port - 0 for any that is free
 * @throws {SettingError} where the port cannot be had
 */
export async function serveLab(files: PageFiles, port = 0): Promise<LabServer> {
  const compressed = new Map<string, Uint8Array>();
  let hosts: readonly string[] = [];
  const server = createServer((request, response) => {
    // A page of another site, whose name an attacker has led to this machine, says that name here.
    if (!hosts.includes(request.headers.host ?? ''))
      return refuse(response, 421, `This is ${hosts[0]}, and nobody else.`);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return refuse(response, 405, 'The page can only be read.', { Allow: 'GET, HEAD' });
    }
    const name = nameOf(request);
    const content = files.get(name);
    const type = types[extname(name)];
    if (content === undefined || type === undefined) return refuse(response, 404, 'There is no such file of the page.');
    const isText = extname(name) !== '.gz';
    const isCompressed = isText && acceptsGzip(request);
    const body = isCompressed ? (compressed.get(name) ?? gzipSync(content)) : content;
    if (isCompressed) compressed.set(name, body);
    response.writeHead(200, {
      ...always,
      'Content-Type': type,
      'Content-Length': body.length,
      ...(isText && { Vary: 'Accept-Encoding' }),
      ...(isCompressed && { 'Content-Encoding': 'gzip' }),
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  });
  const taken = await listen(server, port);
  hosts = [HOST, 'localhost'].flatMap((host) => (taken === 80 ? [`${host}:80`, host] : [`${host}:${taken}`]));
  return { address: `http://${HOST}:${taken}/`, close: () => close(server) };
}

/** Names are compared as they come, so that no dots, slashes or escapes lead anywhere. */
function nameOf({ url = '' }: IncomingMessage): string {
  const path = url.replace(/[?#].*$/s, '');
  return path === '/' ? 'index.html' : path.slice(1);
}

function acceptsGzip({ headers }: IncomingMessage): boolean {
  const accepted = String(headers['accept-encoding'] ?? '').split(',');
  return accepted.some((one) => /^\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*$))?/i.test(one) && !/q=0(\.0*)?\s*$/.test(one));
}

function refuse(
  response: ServerResponse,
  status: number,
  text: string,
  more: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { ...always, ...more, 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(portError(error, port)));
    server.listen(port, HOST, resolve);
  });
  return (server.address() as AddressInfo).port;
}

function portError(error: Error, port: number): Error {
  const code = maybeErrorCode(error);
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error;
  const reason = code === 'EACCES' ? 'this system keeps it for itself' : 'another program has it';
  return new SettingError(`Cannot serve at port ${port}: ${reason}; choose another, or none to have any that is free`);
}

async function close(server: Server): Promise<void> {
  const isClosed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await isClosed;
}
