import { type Tour, usual } from './tour.ts';

export const weightScale: Tour = {
  name: 'weight-scale',
  title: 'What is a weight, if its size does not matter?',
  claim: 'ioffe2015/scale',
  scene: {
    shared: { ...usual, network: 'deep-mlp', depth: 3, learningRate: 0.1 },
    arms: [
      { name: 'batch', norm: 'batch' },
      { name: 'batch × 10', norm: 'batch', initialScale: 10 },
      { name: 'standard × 10', norm: 'none', initialScale: 10 },
    ],
    steps: 150,
  },
  look: ['loss', 'gradients'],
  predict: {
    question: 'All hidden weights start ten times as large, with batch norm behind each layer. What changes?',
    answers: [
      'Nothing at all',
      'The first loss is the same, and hidden layers then learn at a hundredth of the rate',
      'The loss explodes, as it does without a norm',
    ],
    right: 1,
  },
  see:
    'Batch norm divides the factor out again: the first losses agree to a few millionths, which epsilon sees. The ' +
    'gradient of the larger weight is a tenth as long, and the weight ten times as long, so that a step turns it ' +
    'by a hundredth. The head, gamma and beta have no norm behind them and keep their rate, so that the loss ' +
    'still falls, but later. Without a norm the factor multiplies from layer to layer and the training is lost at ' +
    'once.',
  falsify:
    'A first loss that differs by more than a thousandth between the two networks with batch norm, or a ratio of ' +
    'their first relative updates that is not 100 to 1 %.',
  expectation: [
    { quantity: 'relative-update', arm: 'batch', step: 0, is: 'above', value: 0.01 },
    { quantity: 'relative-update', arm: 'batch × 10', step: 0, is: 'below', value: 0.0004 },
    { quantity: 'loss', arm: 'batch', step: 0, is: 'below', value: 5 },
    { quantity: 'loss', arm: 'batch × 10', step: 0, is: 'below', value: 5 },
    { quantity: 'loss', arm: 'standard × 10', step: 10, is: 'above', value: 1e6 },
    { quantity: 'loss', arm: 'batch', step: 50, is: 'below', value: 0.75 },
    { quantity: 'loss', arm: 'batch × 10', step: 50, is: 'above', value: 0.85 },
  ],
};
