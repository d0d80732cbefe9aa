/** @file Santurkar et al. 2018, Figure 3 (b): internal covariate shift of a VGG at a tenth of the learning rate. */

import { vggShiftStudy } from '../santurkar2018-shift/vgg-shift.ts';
import { LEARNT_ACCURACY } from '../santurkar2018-faster/speed.ts';
import type { Study } from '../study.ts';

export const santurkar2018ShiftSmallRate: Study = vggShiftStudy({
  name: 'santurkar2018/shift-small-rate',
  title: 'Internal covariate shift of a VGG at a small rate',
  claim:
    'At a tenth of the learning rate, too, batch normalisation does not reduce internal covariate shift, the change of a layer’s gradient by the step of the layers before it, and yet trains better.',
  leastBudget: 'standard',
  learningRate: 0.01,
  learntAccuracy: LEARNT_ACCURACY,
  amended:
    'Nothing was asked of what the arms have learnt, after 500 steps on seeds 100 to 109, and all three parts came out as reproduced: but the ' +
    'network without norms hardly left its first plateau, where gradients neither move nor turn. Now both arms must have learnt 10 points ' +
    'beyond chance, in 1,500 steps, on seeds from 200 on.',
  changes: (budget) => (budget === 'paper' ? {} : { steps: 1500, firstSeed: 200 }),
  figures: 'shift-small-rate',
  published: {
    length:
      '3 to 10 with batch norm and 0.1 to 1 without over the first 3,000 steps (read off Fig. 3, learning rate 0.01)',
    cosine: '0.3 to 0.5 without and 0.1 to 0.6 with batch norm at layer 10 (read off Fig. 3)',
  },
});
