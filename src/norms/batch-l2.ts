import { add, mul, reduceMean } from '../graph/arithmetic.ts';
import { lpBatch } from './lp-batch.ts';
import type { Norm } from './norm.ts';

/** The norm of santurkar2018, section 3.3, for p = 2. */
export const batchL2: Norm = lpBatch(
  {
    title: 'l2 batch normalisation',
    formula:
      'y = gamma (x − mean) / √(mean x² + epsilon) + beta, per channel over the batch and all pixels, x² not centred',
  },
  (g, { x, axes }, epsilon) => g.emit('Sqrt', [add(g, reduceMean(g, mul(g, x, x), axes, true), epsilon)]),
);
