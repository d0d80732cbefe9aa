/**
 * @file The process that the determinism test kills: `killed-cell.ts <root>` runs one cell, going on from whatever it
 * finds in the folder, and writes a line with the number of each step it has taken.
 */

import { writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TrainingSpec } from '../src/cells/training-spec.ts';
import { heldProbe } from '../src/probes/index.ts';
import { runAll, tinyCell, tinyRequest } from './tiny-training.ts';

export const STEPS = 450;

/** Everything that has a state: momentum, running statistics, a plateau schedule, evaluations and probes. */
export const killedCell: TrainingSpec = tinyCell(
  { steps: STEPS, evaluateEvery: 30, schedule: { kind: 'plateau', patience: 20, factor: 0.7, improvement: 0.1 } },
  [heldProbe('landscape', { every: 25, random: true }), heldProbe('gradient-moments', { every: 15 })],
);

const [, script, root] = process.argv;
if (script === fileURLToPath(import.meta.url) && root !== undefined) {
  await runAll({
    ...tinyRequest([killedCell], root),
    onProgress: ({ moved }) => moved !== undefined && writeSync(1, `${moved.step}\n`),
  });
}
