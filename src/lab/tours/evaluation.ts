import { type Tour, usual } from './tour.ts';

export const evaluation: Tour = {
  name: 'evaluation',
  title: 'Why is my network good in training and bad in evaluation?',
  claim: 'ioffe2015/inference',
  scene: {
    shared: { ...usual, network: 'deep-mlp', depth: 10, initialiser: 'he', norm: 'batch', learningRate: 0.1 },
    arms: [
      { name: 'momentum 0.1', normMomentum: 0.1 },
      { name: 'momentum 0.01', normMomentum: 0.01 },
    ],
    steps: 40,
  },
  look: ['accuracy', 'statistics', 'loss'],
  predict: {
    question: 'Only the momentum of the running statistics differs. What differs after 40 steps?',
    answers: [
      'Everything: training at momentum 0.01 is slower',
      'Evaluation alone: the test accuracy is far lower at momentum 0.01',
      'Nothing yet: 40 steps are too few',
    ],
    right: 1,
  },
  see:
    'Training normalises by the mean and biased variance of the mini-batch, so that both trainings are the same ' +
    'to the bit. Evaluation takes running statistics, blended from means and unbiased variances of batches; at ' +
    'momentum 0.01 two thirds of them (0.99⁴⁰) are still the 0 and 1 that they began with. Each layer is then ' +
    'scaled wrongly, and ten layers multiply their errors. The study proves what such statistics estimate, not ' +
    'when they are old.',
  falsify:
    'A step at which the training losses of the two differ in any bit, or a seed with which their test accuracies ' +
    'after 40 steps differ by less than 10 points.',
  expectation: [
    { quantity: 'test-accuracy', arm: 'momentum 0.1', step: 40, is: 'above', value: 0.6 },
    { quantity: 'test-accuracy', arm: 'momentum 0.01', step: 40, is: 'below', value: 0.5 },
    { quantity: 'test-loss', arm: 'momentum 0.1', step: 40, is: 'below', value: 1.2 },
    { quantity: 'test-loss', arm: 'momentum 0.01', step: 40, is: 'above', value: 1.3 },
  ],
};
