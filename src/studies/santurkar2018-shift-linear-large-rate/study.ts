/** @file Santurkar et al. 2018, Figure 3 (c): internal covariate shift of deep linear networks at ten times the learning rate. */

import { linearShiftStudy } from '../santurkar2018-shift-linear/linear-shift.ts';
import type { Study } from '../study.ts';

export const santurkar2018ShiftLinearLargeRate: Study = linearShiftStudy({
  name: 'santurkar2018/shift-linear-large-rate',
  title: 'Internal covariate shift of deep linear networks at a large rate',
  claim:
    'At ten times the learning rate, too, batch normalisation does not reduce internal covariate shift in a deep linear network, the change of a layer’s gradient by the step of the layers before it, and yet trains better.',
  leastBudget: 'standard',
  learningRate: 1e-6,
  steps: (budget) => (budget === 'paper' ? 10_000 : 3000),
  figures: 'shift-linear-large-rate',
  published: {
    length: '100 to 10,000 with batch norm and without (read off Fig. 3, learning rate 1e-6)',
    cosine: 'about 0.8 to 1 for both at layer 9, about −1 for both at layer 17',
  },
});
