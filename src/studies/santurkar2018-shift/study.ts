/** @file Santurkar et al. 2018, Figure 3 (a): does batch norm reduce internal covariate shift (Definition 2.1)? */

import type { Study } from '../study.ts';
import { vggShiftStudy } from './vgg-shift.ts';

export const santurkar2018Shift: Study = vggShiftStudy({
  name: 'santurkar2018/shift',
  title: 'Internal covariate shift of a VGG',
  claim:
    'Batch normalisation does not reduce internal covariate shift, the change of a layer’s gradient by the step of the layers before it, and yet trains better.',
  learningRate: 0.1,
  figures: 'shift',
  published: {
    length: 'about 0.3 to 1 for both after the first steps (read off Fig. 3, learning rate 0.1)',
    cosine: '0.4 to 0.8 for both at layer 5, 0 to 0.1 for both at layer 10 (read off Fig. 3)',
  },
});
