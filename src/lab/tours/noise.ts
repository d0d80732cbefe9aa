import { type Tour, usual } from './tour.ts';

export const noise: Tour = {
  name: 'noise',
  title: 'Must the distributions of a layer be stable?',
  claim: 'santurkar2018/noisy',
  scene: {
    shared: { ...usual, activation: 'sigmoid', learningRate: 0.1 },
    arms: [
      { name: 'standard', norm: 'none' },
      { name: 'batch', norm: 'batch' },
      { name: 'noisy', norm: 'noisy-batch' },
    ],
    steps: 200,
  },
  look: ['loss', 'accuracy', 'activations'],
  predict: {
    question:
      'Behind batch norm, every unit is scaled and shifted by random numbers that are drawn anew at each step. What is left of its gain?',
    answers: ['Nothing: it trains like the network without a norm', 'About half', 'Nearly all of it'],
    right: 2,
  },
  see:
    'With the noise, the mean of a unit moves from one step to the next by 0.35 to 0.37 of its standard deviation ' +
    '(root mean square, seeds 0 to 4); without a norm by 0.17 to 0.25, and with batch norm alone hardly. The ' +
    'network trains about as well as without noise: stable distributions cannot be why batch norm helps here. ' +
    'These are three small networks; the verdict rests on a VGG on CIFAR-10.',
  falsify:
    'A seed with which the noisy network has a test loss after 200 steps nearer to that of the network without a ' +
    'norm than to that of batch norm.',
  expectation: [
    { quantity: 'test-loss', arm: 'standard', step: 200, is: 'above', value: 1.5 },
    { quantity: 'test-loss', arm: 'batch', step: 200, is: 'below', value: 0.9 },
    { quantity: 'test-loss', arm: 'noisy', step: 200, is: 'below', value: 1 },
    { quantity: 'test-accuracy', arm: 'standard', step: 200, is: 'below', value: 0.6 },
    { quantity: 'test-accuracy', arm: 'noisy', step: 200, is: 'above', value: 0.65 },
  ],
};
