import { type Tour, usual } from './tour.ts';

export const largeRates: Tour = {
  name: 'large-rates',
  title: 'Why can I raise the learning rate with batch norm?',
  claim: 'santurkar2018/larger-rates',
  scene: {
    shared: { ...usual, learningRate: 1 },
    arms: [
      { name: 'standard', norm: 'none' },
      { name: 'batch', norm: 'batch' },
    ],
    steps: 150,
  },
  look: ['loss', 'accuracy', 'gradients'],
  predict: {
    question: 'The learning rate is 1, ten times a usual one. What becomes of the network without a norm?',
    answers: [
      'It trains, but more slowly',
      'Its loss stays where it began',
      'Its loss is no finite number any more within a dozen steps',
    ],
    right: 2,
  },
  see:
    'Without a norm each step overshoots, the weights grow, and with them the next gradient. With batch norm the ' +
    'gradient of a weight shrinks as that weight grows, so that a step that is too long makes the next ones ' +
    'shorter. At a rate of 0.1 both train: lower it and try.',
  falsify:
    'A seed with which the network without a norm still has a finite loss after 20 steps, or the one with batch ' +
    'norm less than 60 % of the test images after 100.',
  expectation: [
    { quantity: 'loss', arm: 'standard', step: 20, is: 'above', value: 1e6 },
    { quantity: 'loss', arm: 'batch', step: 149, is: 'below', value: 1 },
    { quantity: 'test-accuracy', arm: 'batch', step: 100, is: 'above', value: 0.6 },
  ],
};
