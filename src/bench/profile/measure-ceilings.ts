/** @file Measures what this machine can do at best, by small graphs that do one thing. Blocks the thread meanwhile. */

import { threadlessDevice } from '../../runtime/node/node-device.ts';
import type { Ceilings, Move } from './ceilings.ts';
import { type ChainOp, runChain } from './chain.ts';

/** Elements per tensor of the additions, from inside a cache to far beyond any, and how many of them are timed. */
const ADDITIONS = [
  [2 ** 18, 256],
  [2 ** 20, 256],
  [2 ** 22, 32],
  [2 ** 24, 8],
] as const;
const FLOAT_BYTES = 4;
const MATRIX = 1024;
const PRODUCTS = 2;
const EMPTY_NODES = 2000;

/** The ceilings for so many threads; a few seconds. */
export async function measureCeilings(threads: number): Promise<Ceilings> {
  const moves: Move[] = [];
  for (const [count, nodes] of ADDITIONS) {
    const bytes = 3 * FLOAT_BYTES * count;
    moves.push({ bytes, bytesPerSecond: bytes / (await secondsPerNode(threads, 'Add', [count], nodes)) });
  }
  const product = await secondsPerNode(threads, 'MatMul', [MATRIX, MATRIX], PRODUCTS);
  const emptyNodeSeconds = await secondsPerNode(threads, 'Neg', [1], EMPTY_NODES);
  return { operationsPerSecond: (2 * MATRIX ** 3) / product, moves, emptyNodeSeconds };
}

/** What each further node adds to a run at best: what the run itself costs, such as copying its result, cancels. */
async function secondsPerNode(threads: number, op: ChainOp, shape: readonly number[], nodes: number): Promise<number> {
  const one = await runChain(threadlessDevice({ lowering: 'reference', threads }), op, shape, 1);
  const all = await runChain(threadlessDevice({ lowering: 'reference', threads }), op, shape, 1 + nodes);
  const [least, most] = [Math.min(...one), Math.min(...all)];
  // On a machine so busy that more nodes took less time, all that can be said is what all of it took.
  return least < most ? (most - least) / nodes : most / (1 + nodes);
}
