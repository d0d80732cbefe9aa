/** @file Santurkar et al. 2018, Figure 3 (d): internal covariate shift of deep linear networks at a small learning rate. */

import type { Study } from '../study.ts';
import { linearShiftStudy } from './linear-shift.ts';

export const santurkar2018ShiftLinear: Study = linearShiftStudy({
  name: 'santurkar2018/shift-linear',
  title: 'Internal covariate shift of deep linear networks',
  claim:
    'In a deep linear network batch normalisation does not reduce internal covariate shift, the change of a layer’s gradient by the step of the layers before it, and yet trains better.',
  learningRate: 1e-7,
  steps: (budget) => (budget === 'paper' ? 10_000 : 1500),
  figures: 'shift-linear',
  published: {
    length: '1 to 80 without batch norm, 2,000 to 10,000 with it (read off Fig. 3, learning rate 1e-7)',
    cosine: '1.000 without batch norm, swinging between −1 and 1 with it',
  },
});
