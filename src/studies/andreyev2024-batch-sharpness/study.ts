/** @file Andreyev and Beneventano 2024: is it the sharpness of mini-batches that stochastic gradient descent drives to 2/rate? */

import type { Study } from '../study.ts';
import { batchEdgeStudy } from './batch-edge.ts';

export const andreyev2024BatchSharpness: Study = batchEdgeStudy({
  name: 'andreyev2024/batch-sharpness',
  title: 'Mini-batches at the edge of stability',
  claim:
    'Stochastic gradient descent drives batch sharpness to 2/rate, with the largest eigenvalue of the Hessian below that, the more so the smaller the batch.',
  arm: 'standard',
  notes: [],
  figures: 'batch-sharpness',
});
