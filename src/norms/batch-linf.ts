import { add } from '../graph/arithmetic.ts';
import { lpBatch } from './lp-batch.ts';
import type { Norm } from './norm.ts';

/** The norm of santurkar2018, section 3.3, for p = ∞. */
export const batchLinf: Norm = lpBatch(
  {
    title: 'l-infinity batch normalisation',
    formula:
      'y = gamma (x − mean) / (max |x| + epsilon) + beta, per channel over the batch and all pixels, |x| not centred',
  },
  (g, { x, axes }, epsilon) => add(g, g.emit('ReduceMax', [g.emit('Abs', [x])], { axes, keepdims: true }), epsilon),
);
