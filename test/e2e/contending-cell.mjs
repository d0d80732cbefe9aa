/**
 * @file A process that makes one cell, slowly: `contending-cell.mjs ROOT HASH`. Every step is a pure function of the one
 * before it, so that whoever makes the cell, from whatever checkpoint, must come to the same bytes.
 */
import { CellPublished } from '../../dist/records/node/attempt.js';
import { openCell } from '../../dist/records/node/cell-folder.js';

const [, , root, hash] = process.argv;
const cell = openCell(root, hash);
const config = { what: 'contended' };
const STEPS = 120;

function attempt() {
  const work = cell.begin({ config, probes: [] });
  try {
    const data = Float32Array.from(work.resumeFrom?.tensors.get('w').data ?? new Float32Array(500));
    for (let step = work.resumeFrom?.step ?? 0; step < STEPS; step++) {
      for (let i = 0; i < data.length; i++) data[i] = Math.fround(0.9 * data[i] + ((i * step) % 7));
      const definition = `definition ${step % 5}`;
      work.append([{ step, quantity: 'loss', value: data[step % 500], definition, mode: 'train' }]);
      // Long enough for a signal to fall between any two steps.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      const tensors = new Map([['w', { dtype: 'float32', shape: [500], data }]]);
      if (step % 6 === 5) work.saveCheckpoint({ step: step + 1, tensors, metadata: {} });
    }
    work.finish({ last: data[0] });
  } catch (error) {
    work.close();
    if (!(error instanceof CellPublished)) throw error;
  }
}

if (cell.maybeFinished() === undefined) attempt();
const whole = cell.maybeFinished();
if (whole === undefined) throw new Error('The cell must be whole');
cell.tidy(whole);
