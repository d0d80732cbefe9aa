import { add, reduceMean } from '../graph/arithmetic.ts';
import { lpBatch } from './lp-batch.ts';
import type { Norm } from './norm.ts';

/** The norm of santurkar2018, section 3.3, for p = 1. */
export const batchL1: Norm = lpBatch(
  {
    title: 'l1 batch normalisation',
    formula:
      'y = gamma (x − mean) / (mean |x| + epsilon) + beta, per channel over the batch and all pixels, |x| not centred',
  },
  (g, { x, axes }, epsilon) => add(g, reduceMean(g, g.emit('Abs', [x]), axes, true), epsilon),
);
