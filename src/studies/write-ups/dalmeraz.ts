/** @file A reviewer's summary of Bjorck et al. 2018, all six pictures of which are lost. */

import type { WriteUp } from './write-up.ts';

export const dalmeraz: WriteUp = {
  key: 'dalmeraz',
  author: 'dalmeraz',
  title: 'Summary of “Understanding Batch Normalization”',
  year: undefined,
  exhibits: [
    {
      form: 'lost picture',
      quote: 'it is found that this "exploding" causes diverging loss',
      published: 'Bjorck et al. 2018, Figure 4',
      studies: ['bjorck2018/diverging-update'],
    },
    {
      form: 'lost picture',
      quote: 'the magnitude of gradients when first starting to train a model',
      published: 'Bjorck et al. 2018, Figure 2',
      studies: ['bjorck2018/gradient-tails'],
    },
    {
      form: 'lost picture',
      quote: 'The model achieves the same accuracy with and without batch normalization in low learning rates',
      published: 'Bjorck et al. 2018, Figure 1',
      studies: ['bjorck2018/learning-rate'],
    },
    {
      form: 'lost picture',
      quote: 'a gradient’s upper bounds of noise when given by SGD',
      published: 'Bjorck et al. 2018, the inequality for the noise of a step',
      studies: ['bjorck2018/sgd-noise'],
    },
    {
      form: 'lost picture',
      quote: 'changes in step size causes divergences … more aggressively without batch norm',
      published: 'Bjorck et al. 2018, Figure 3',
      studies: ['bjorck2018/step-size'],
    },
    {
      form: 'description',
      quote:
        'even just adding batch normalization to the final layer of the model captures 2/3rds of the overall batch normalization improvement',
      published: 'Bjorck et al. 2018, in the text',
      studies: ['bjorck2018/last-layer'],
    },
    {
      form: 'lost picture',
      quote: 'If we multiply M, N*N gaussian matrices, we get a "blown up" singular value distribution',
      published: 'Bjorck et al. 2018, the histogram of singular values',
      studies: ['bjorck2018/random-products'],
    },
    {
      form: 'description',
      quote: 'smaller Resnet models can use larger learning rates',
      published: 'Bjorck et al. 2018, in the text',
      studies: ['bjorck2018/depth'],
    },
    {
      form: 'description',
      quote: 'large learning rates causes divergence due to exploding gradients but batch norm eliminates this problem',
      published: 'Bjorck et al. 2018, Figures 5 and 6; for networks without skip connections Yang et al. 2019',
      studies: ['bjorck2018/moments-over-depth', 'bjorck2018/class-gradients', 'yang2019/gradient-explosion'],
    },
  ],
  misstatements: [
    {
      study: 'bjorck2018/sgd-noise',
      says: 'In the noise inequality α∇l is the predicted gradient and α∇SGD the true one.',
      source: 'It is the other way round: ∇l is the gradient over all data, ∇SGD its estimate from a mini-batch.',
    },
    {
      study: 'bjorck2018/random-products',
      says: 'Products of Gaussian matrices show how gradients explode as networks become deeper.',
      source:
        'Their mean squared singular value stays 1: a gradient of random direction keeps its length on average. What grows with depth is the largest singular value against the median one.',
    },
  ],
  agreements: [
    {
      study: 'bjorck2018/last-layer',
      says: 'Batch norm in the last layer alone captures two thirds of the improvement.',
      source:
        'The paper says two thirds in its text; its accuracies, 90.1 % between 81.9 % without and 93.2 % with batch norm throughout, are a share of 0.73.',
    },
  ],
};
