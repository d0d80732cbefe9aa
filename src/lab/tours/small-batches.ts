import { type Tour, usual } from './tour.ts';

export const smallBatches: Tour = {
  name: 'small-batches',
  title: 'Why does batch norm fail on tiny batches?',
  claim: 'ioffe2015/inference',
  scene: {
    shared: { ...usual, learningRate: 0.03, batchSize: 2 },
    arms: [
      { name: 'standard', norm: 'none' },
      { name: 'batch', norm: 'batch' },
      { name: 'layer', norm: 'layer' },
    ],
    steps: 400,
  },
  look: ['loss', 'accuracy', 'activations', 'statistics'],
  predict: {
    question: 'With two images per batch, which network learns least in 400 steps?',
    answers: ['The one without a norm', 'The one with batch norm', 'The one with layer norm'],
    right: 1,
  },
  see:
    'Normalised by their own mean and biased variance, two different values become −1 and +1 but for epsilon: of ' +
    'each unit batch norm leaves which image had more, and not how much. Evaluation divides by the unbiased ' +
    'variance, which is twice the biased one at two images. Layer norm takes its statistics within one image. No ' +
    'study here judges batch sizes; the linked one proves what running statistics estimate.',
  falsify:
    'A seed with which batch norm at two images per batch comes within 10 points of test accuracy of either other ' +
    'network, or a hidden unit with two different values that are not normalised to ±1 there, epsilon aside.',
  expectation: [
    { quantity: 'test-accuracy', arm: 'standard', step: 400, is: 'above', value: 0.5 },
    { quantity: 'test-accuracy', arm: 'layer', step: 400, is: 'above', value: 0.5 },
    { quantity: 'test-accuracy', arm: 'batch', step: 400, is: 'below', value: 0.45 },
  ],
};
