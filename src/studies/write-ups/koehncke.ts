/** @file Koehncke's report from NeurIPS 2018. Its pictures are links into a folder of the author's machine, but for one. */

import type { WriteUp } from './write-up.ts';

export const koehncke: WriteUp = {
  key: 'koehncke',
  author: 'Kevin Koehncke',
  title: 'NeurIPS 2018 De-Brief: Batch Normalization Uncovered',
  year: 2018,
  exhibits: [
    {
      form: 'lost picture',
      quote: 'zero-centering the batch mean and forcing unit batch variance',
      published: 'Ioffe and Szegedy 2015, Algorithm 1',
      studies: ['ioffe2015/backward'],
    },
    {
      form: 'description',
      quote:
        'When feeding outputs in one activation layer to a subsequent layer, their distributions vary during training.',
      published: 'Ioffe and Szegedy 2015, Figure 1',
      studies: ['ioffe2015/mnist'],
    },
    {
      form: 'description',
      quote: 'causing vanishing and exploding gradients to be less likely',
      published: 'Ioffe and Szegedy 2015, Section 3.3; tested by Yang et al. 2019',
      studies: ['yang2019/gradient-explosion'],
    },
    {
      form: 'description',
      quote:
        'Backpropagation gains more resilience as well, with the layer Jacobian and progagated gradients being more closer to scale invariant',
      published: 'Ioffe and Szegedy 2015, Section 3.3',
      studies: ['ioffe2015/scale'],
    },
    {
      form: 'lost picture',
      quote:
        'they trained a 110-layer ResNet on CIFAR-10 with three different learning rates 0.0001, 0.003, 0.1 with and without BN',
      published: 'Bjorck et al. 2018, Figure 1',
      studies: ['bjorck2018/learning-rate'],
    },
    {
      form: 'description',
      quote:
        'larger learning rates generate more SGD "noise" which in turn creates a regularization effect and prevents getting stuck in sharp minima',
      published: 'Bjorck et al. 2018, after Keskar et al. 2017',
      studies: ['bjorck2018/sgd-noise', 'keskar2017/sharpness', 'bjorck2018/flatness'],
    },
    {
      form: 'lost picture',
      quote: 'Bjorck et al. observe the relative loss during the first few mini-batches as a function of the step size',
      published: 'Bjorck et al. 2018, Figure 3',
      studies: ['bjorck2018/step-size'],
    },
    {
      form: 'lost picture',
      quote: 'In order to measure this smoothing effect, Santurkar et al. propose the following definition',
      published: 'Santurkar et al. 2018, Definition 2.1',
      studies: ['santurkar2018/shift'],
    },
    {
      form: 'description',
      quote:
        'they go on to prove theoretically that BN provides a more well-behaved optimization problem by inducing favorable properties such as Lipschitz continuity',
      published: 'Santurkar et al. 2018, Section 4 and Appendix C',
      studies: [
        'santurkar2018/observation-4-3',
        'santurkar2018/theorem-4-1',
        'santurkar2018/theorem-4-4',
        'santurkar2018/theorem-c-1',
        'santurkar2018/lemma-4-5',
      ],
    },
    {
      form: 'lost picture',
      quote:
        'Santurkar et al. used the VGG network on CIFAR-10 with & without BN … and found the following during training',
      published: 'Santurkar et al. 2018, Figure 4',
      studies: ['santurkar2018/landscape'],
      figures: ['landscape-loss-lr0.1', 'landscape-gradient-lr0.1', 'landscape-beta-lr0.1'],
    },
    {
      form: 'lost picture',
      quote:
        'even though less stable distributions are produced with the noisy pertubation, training performance is not impacted',
      published: 'Santurkar et al. 2018, Figure 2',
      studies: ['santurkar2018/noisy'],
    },
    {
      form: 'description',
      quote: 'thus allowing for higher learning rates to be used which in turn improves training performance',
      published: 'Santurkar et al. 2018, Figure 1',
      studies: ['santurkar2018/larger-rates', 'santurkar2018/faster'],
    },
    {
      form: 'description',
      quote:
        'This explains the known benefits of batch normalization such as prevention of exploding / vanishing gradients and robustness to hyperparameter selection.',
      published: 'Santurkar et al. 2018, in the text',
      studies: ['santurkar2018/robustness'],
    },
  ],
  misstatements: [
    {
      study: 'santurkar2018/shift',
      says: 'Definition 2.1 measures the smoothing effect, by gradients before and after the update of the layer.',
      source:
        'Definition 2.1 measures internal covariate shift: the gradient of layer i before and after the update of the layers before it alone, on the same batch. Smoothness is measured by other quantities.',
    },
    {
      study: 'santurkar2018/landscape',
      says: 'Figure 4(b) shows the distance between G and G′ of Definition 2.1.',
      source:
        'Figure 4(b) shows how predictive the gradient is: the distance between the gradients at x and at x − s·g, over step sizes s. G′ has no part in it.',
    },
    {
      study: 'santurkar2018/landscape',
      says: 'In all three panels of Figure 4 batch norm drastically reduces fluctuations.',
      source:
        'In panel (c) both networks lie on the same plateau outside of spikes: 20, which is 2 divided by the learning rate, a value that the step size sets.',
    },
    {
      study: 'santurkar2018/landscape',
      says: 'The arguments about a smoother loss are cited to Bjorck et al.',
      source: 'They are those of Santurkar et al., the write-up’s own reference [2].',
    },
    {
      study: 'santurkar2018/theorem-4-1',
      says: 'f is L-Lipschitz if |f(x₁) − f(x₂)| ≤ L‖f(x₁) − f(x₂)‖.',
      source: 'The right side is a distance of arguments: |f(x₁) − f(x₂)| ≤ L‖x₁ − x₂‖.',
    },
  ],
  agreements: [],
};
