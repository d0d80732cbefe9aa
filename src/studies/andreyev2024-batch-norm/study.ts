/** @file Andreyev and Beneventano 2024, asked of a network with batch norm: is its sharpness of mini-batches driven to 2/rate as well? */

import { batchEdgeStudy } from '../andreyev2024-batch-sharpness/batch-edge.ts';
import type { Study } from '../study.ts';

export const andreyev2024BatchNorm: Study = batchEdgeStudy({
  name: 'andreyev2024/batch-norm',
  title: 'Mini-batches at the edge of stability, with batch norm',
  claim:
    'With batch normalisation, too, stochastic gradient descent drives batch sharpness to 2/rate, with the largest eigenvalue of the Hessian below that, the more so the smaller the batch.',
  arm: 'batch',
  // On seeds 0 to 2 the first steps of 0.1 and 0.3 throw it off; those of 0.01 and 0.02 do not.
  protocol: { learningRate: 0.02 },
  notes: [
    'Curvature is that of training, through the batch statistics: those of the mini-batch for batch sharpness, those of all examples at once for λ. ' +
      'With batch norm the loss on all examples is thus not the mean of the losses of mini-batches, and the less so the smaller they are.',
  ],
  figures: 'batch-norm-sharpness',
});
