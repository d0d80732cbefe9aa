import { type Tour, usual } from './tour.ts';

export const covariateShift: Tour = {
  name: 'covariate-shift',
  title: 'Does batch norm reduce internal covariate shift?',
  claim: 'santurkar2018/shift',
  scene: {
    shared: { ...usual, network: 'deep-mlp', depth: 20, initialiser: 'he', learningRate: 0.1 },
    arms: [
      { name: 'standard', norm: 'none' },
      { name: 'batch', norm: 'batch' },
    ],
    steps: 100,
  },
  look: ['shift', 'loss', 'accuracy'],
  predict: {
    question:
      "How far does the first step of the layer before it move the second layer's gradient, in a network of 20 layers with batch norm?",
    answers: ['Less than without', 'About as far', 'Many times as far'],
    right: 2,
  },
  see:
    'The shift ‖G − G′‖ of the second layer starts near 50 with batch norm and at 1 to 5 without; G and G′ are ' +
    'then nearly at right angles in both. The network with batch norm trains better all the same. Its gradients ' +
    'are longer to begin with (see the tour of depth), and of the last layer the first shift is mostly shorter ' +
    'with batch norm: which layer is asked matters. At rate 0.03 both mostly end alike.',
  falsify:
    'A seed with which the first shift of the second layer is shorter with batch norm, or with which the network ' +
    'without it is ahead on the test images after 100 steps.',
  expectation: [
    { quantity: 'covariate-shift', arm: 'standard', step: 0, is: 'below', value: 6 },
    { quantity: 'covariate-shift', arm: 'batch', step: 0, is: 'above', value: 20 },
    { quantity: 'covariate-shift-cosine', arm: 'batch', step: 0, is: 'below', value: 0.3 },
    { quantity: 'test-accuracy', arm: 'standard', step: 100, is: 'below', value: 0.58 },
    { quantity: 'test-accuracy', arm: 'batch', step: 100, is: 'above', value: 0.6 },
  ],
};
