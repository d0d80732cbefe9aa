import { add, reduceMean } from '../graph/arithmetic.ts';
import { lpBatch } from './lp-batch.ts';
import type { Norm } from './norm.ts';

/**
 * A second reading of santurkar2018, section 3.3, for p = ∞: "the average of their l_p norm" as the mean over pixels of the norm that
 * each of them has over the batch. Of features, which have one pixel, it is `batch-linf`.
 */
export const batchLinfMean: Norm = lpBatch(
  {
    title: 'l-infinity batch normalisation, averaged over pixels',
    formula:
      'y = gamma (x − mean) / (mean over pixels of max |x| over the batch + epsilon) + beta, per channel, |x| not centred',
  },
  (g, { x, axes }, epsilon) => {
    const largest = g.emit('ReduceMax', [g.emit('Abs', [x])], { axes: [0], keepdims: true });
    const pixels = axes.filter((axis) => axis !== 0);
    return add(g, reduceMean(g, largest, pixels, true), epsilon);
  },
);
