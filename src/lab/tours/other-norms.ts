import { type Tour, usual } from './tour.ts';

export const otherNorms: Tour = {
  name: 'other-norms',
  title: 'Must it be the standard deviation?',
  claim: 'santurkar2018/lp-norms',
  scene: {
    shared: { ...usual, learningRate: 1 },
    arms: [
      { name: 'standard', norm: 'none' },
      { name: 'batch', norm: 'batch' },
      { name: 'l1', norm: 'batch-l1' },
      { name: 'l∞', norm: 'batch-linf' },
    ],
    steps: 150,
  },
  look: ['loss', 'accuracy', 'activations'],
  predict: {
    question:
      'What if the batch is divided by its largest absolute value (l∞) or its mean one (l1) in place of the standard deviation?',
    answers: ['Only the standard deviation trains at rate 1', 'All three train at rate 1', 'None of them does'],
    right: 1,
  },
  see:
    'Divided by any of the three the network trains at a rate at which it is lost without a norm, although l1 and ' +
    'l∞ leave a unit with neither variance 1 nor any fixed one. What they share is that the size of a weight no ' +
    'longer matters. The verdict rests on a VGG on CIFAR-10.',
  falsify: 'A seed with which one of the three norms has less than 60 % of the test images after 100 steps at rate 1.',
  expectation: [
    { quantity: 'loss', arm: 'standard', step: 20, is: 'above', value: 1e6 },
    { quantity: 'test-accuracy', arm: 'batch', step: 100, is: 'above', value: 0.6 },
    { quantity: 'test-accuracy', arm: 'l1', step: 100, is: 'above', value: 0.6 },
    { quantity: 'test-accuracy', arm: 'l∞', step: 100, is: 'above', value: 0.6 },
  ],
};
