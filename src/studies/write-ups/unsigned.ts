/** @file An unsigned post of December 2020. It has no pictures: what it describes are figures of its paper. */

import type { WriteUp } from './write-up.ts';

export const unsigned: WriteUp = {
  key: 'unsigned',
  author: undefined,
  title: 'Why Does Batch Normalization works?',
  year: 2020,
  exhibits: [
    {
      form: 'description',
      quote:
        'Noisy BatchNorm almost same as BatchNorm. Also, they both performed better than standard networks (without BatchNorm).',
      published: 'Santurkar et al. 2018, Figure 2',
      studies: ['santurkar2018/noisy'],
    },
    {
      form: 'description',
      quote: 'If BatchNorm really counters the ICS, it should increase the correlation between G and G′.',
      published: 'Santurkar et al. 2018, Figure 3',
      studies: [
        'santurkar2018/shift',
        'santurkar2018/shift-small-rate',
        'santurkar2018/shift-linear',
        'santurkar2018/shift-linear-large-rate',
      ],
    },
    {
      form: 'description',
      quote: 'the gradients now are more β-Lipschitz or the gradients are now more predictive',
      published: 'Santurkar et al. 2018, Figure 4(b) and (c)',
      studies: ['santurkar2018/landscape'],
      figures: ['landscape-gradient-lr0.1', 'landscape-beta-lr0.1'],
    },
    {
      form: 'description',
      quote: 'They also observed that l₁ leads to even better performance than BatchNorm for deep linear networks.',
      published: 'Santurkar et al. 2018, Figures 5, 6, 12 and 13',
      studies: [
        'santurkar2018/lp-linear',
        'santurkar2018/lp-norms',
        'santurkar2018/linf-average',
        'santurkar2018/histograms',
      ],
    },
    {
      form: 'description',
      quote:
        'Lipschitzness has found very interesting applications. Two examples are Wasserstein GAN and Spectral Normalization.',
      published: 'Arjovsky et al. 2017, Algorithm 1; Miyato et al. 2018, Algorithm 1',
      studies: ['arjovsky2017/weight-clipping', 'miyato2018/spectral-norm'],
    },
  ],
  misstatements: [
    {
      study: 'santurkar2018/theorem-4-2',
      says: 'Lipschitzness of the loss and beta-smoothness are one property, “β-Lipschitz”.',
      source:
        'They are two: an L-Lipschitz loss has bounded gradients, a beta-smooth one has gradients that are beta-Lipschitz. Theorem 4.1 is about the first, Theorem 4.2 about the second.',
    },
    {
      study: 'santurkar2018/shift',
      says: 'Batch norm leads to increased internal covariate shift.',
      source:
        'The paper says similar, or even worse. In its figures the two are about equal for VGG at learning rate 0.1; in length the increase is clear at the smaller rates, for VGG at 0.01 and for the deep linear network at 1e-7.',
    },
  ],
  agreements: [
    {
      study: 'santurkar2018/lp-linear',
      says: 'l₁ normalisation does better than batch norm for deep linear networks.',
      source: 'The paper shows it: a final training loss near 100 against 480, in one run without error bars.',
    },
  ],
};
