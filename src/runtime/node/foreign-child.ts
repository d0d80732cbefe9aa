/** @file The process in which a foreign model runs: it answers one request, and may die of it. */

import type { ForeignRequest } from '../foreign.ts';
import { runForeignHere } from './foreign-session.ts';
import type { ForeignAnswer } from './run-foreign.ts';

process.once('message', (request: ForeignRequest) => {
  const say = (answer: ForeignAnswer): void => void process.send?.(answer, () => process.disconnect());
  runForeignHere(request).then(
    (results) => say({ results }),
    (error: unknown) => say({ refused: error instanceof Error ? error.message : String(error) }),
  );
});
