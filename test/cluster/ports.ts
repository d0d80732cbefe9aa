/** @file Ports that nobody listens on, for daemons that cannot be asked to choose one. */

import { createServer } from 'node:net';
import { ProcessError } from '../../src/errors.ts';

/** Below those that Linux gives to outgoing connections (32768 and up), which would come between choice and use. */
const FIRST = 10_000;
const LAST = 32_000;

/**
 * So many free ports in a row, at a random place.
 * @throws {ProcessError} where none are found
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  for (let tries = 0; tries < 50; tries++) {
    const first = FIRST + Math.floor(Math.random() * (LAST - FIRST - count));
    const ports = Array.from({ length: count }, (_, i) => first + i);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return ports;
  }
  throw new ProcessError(`There must be ${count} free ports in a row between ${FIRST} and ${LAST}, found none`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
