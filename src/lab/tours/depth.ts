import { type Tour, usual } from './tour.ts';

export const depth: Tour = {
  name: 'depth',
  title: 'Does batch norm keep gradients from exploding?',
  claim: 'yang2019/gradient-explosion',
  scene: {
    shared: { ...usual, network: 'deep-mlp', depth: 30, initialiser: 'he', learningRate: 0.03 },
    arms: [
      { name: 'standard', norm: 'none' },
      { name: 'batch', norm: 'batch' },
    ],
    steps: 100,
  },
  look: ['gradients', 'loss'],
  predict: {
    question:
      'In an untrained network of 30 layers with batch norm, how long is the gradient of layer 2 beside that of layer 30?',
    answers: [
      'Much shorter: it vanishes',
      'About as long: that is what the norm is for',
      'More than 100 times as long',
    ],
    right: 2,
  },
  see:
    "At the start gradients grow by a factor of about 1.2 per layer towards the input, mean-field theory's √(π/(π " +
    "− 1)) for ReLU and large batches, and to 180 to 340 over the network (seeds 0 to 9). Without a norm, He's " +
    'initial weights keep them of one length. The explosion passes within some tens of steps: weights with long ' +
    'gradients grow, and what is normalised has gradients that shrink as it grows.',
  falsify: 'A seed with which the ratio with batch norm is below 100 at step 0, or the one without a norm above 10.',
  expectation: [
    { quantity: 'gradient-ratio', arm: 'standard', step: 0, is: 'below', value: 5 },
    { quantity: 'gradient-ratio', arm: 'batch', step: 0, is: 'above', value: 120 },
    { quantity: 'gradient-ratio', arm: 'batch', step: 50, is: 'below', value: 30 },
  ],
};
