/** @file How fast this machine can be at best, and how long a node would take then. */

import type { Work } from './work.ts';

export interface Ceilings {
  /** Operations per second of a product of large matrices: two per multiplication with addition. */
  readonly operationsPerSecond: number;
  /** How fast bytes move, read and written together, where a node moves so many: the smaller stay in a cache. */
  readonly moves: readonly Move[];
  /** Seconds that a node takes in a run though it does next to nothing. */
  readonly emptyNodeSeconds: number;
}

export interface Move {
  readonly bytes: number;
  readonly bytesPerSecond: number;
}

/** Seconds for some work at the ceilings: of its operations or of its bytes, whichever takes longer. */
export function secondsAtBest({ bytes, operations }: Work, { operationsPerSecond, moves }: Ceilings): number {
  return Math.max(operations / operationsPerSecond, bytes === 0 ? 0 : bytes / nearest(moves, bytes).bytesPerSecond);
}

/** The move that was measured with the amount nearest to this one, by ratio. */
function nearest(moves: readonly Move[], bytes: number): Move {
  const away = (move: Move): number => Math.abs(Math.log(move.bytes / bytes));
  return moves.reduce((best, move) => (away(move) < away(best) ? move : best));
}
