import { type Tour, usual } from './tour.ts';

export const landscape: Tour = {
  name: 'landscape',
  title: 'Does batch norm make the loss smoother?',
  claim: 'santurkar2018/landscape',
  scene: {
    shared: { ...usual, learningRate: 0.1 },
    arms: [
      { name: 'standard', norm: 'none' },
      { name: 'batch', norm: 'batch' },
    ],
    steps: 100,
  },
  look: ['landscape', 'smoothness', 'loss'],
  predict: {
    question:
      'Both networks train at rate 0.1. Along their gradients, how much does the loss vary up to four times that step?',
    answers: ['Alike: both train', 'Less with batch norm', 'More with batch norm'],
    right: 1,
  },
  see:
    'At step 50 the losses along the way span 0.9 to 3.3 nats without a norm, and 0.1 to 0.3 with batch norm ' +
    '(seeds 0 to 9). The gradient too changes less: the effective smoothness at four times the step is about a ' +
    'third. Of a VGG on CIFAR-10, gradient and smoothness were reproduced, but how much the loss varies hangs on ' +
    'how it is defined.',
  falsify:
    'A seed with which, at step 50, the band of the losses or the effective smoothness of the network with batch ' +
    'norm is not below that of the network without.',
  expectation: [
    { quantity: 'landscape-width', arm: 'standard', step: 50, is: 'above', value: 0.6 },
    { quantity: 'landscape-width', arm: 'batch', step: 50, is: 'below', value: 0.5 },
    { quantity: 'smoothness', arm: 'standard', step: 50, is: 'above', value: 6 },
    { quantity: 'smoothness', arm: 'batch', step: 50, is: 'below', value: 5 },
  ],
};
