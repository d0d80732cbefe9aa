/** @file Deb's derivation of the backward pass. Its computation graph and two pictures of Santurkar et al. are lost. */

import type { WriteUp } from './write-up.ts';

export const deb: WriteUp = {
  key: 'deb',
  author: 'Aniruddha Deb',
  title: 'Batch Normalization',
  year: undefined,
  exhibits: [
    {
      form: 'formula',
      quote: 'σ² = (1/m Σ xᵢ²) − μ²',
      published: 'Ioffe and Szegedy 2015, Algorithm 1, there in the centred form',
      studies: ['ioffe2015/one-pass-variance'],
    },
    {
      form: 'description',
      quote: 'Note how even the second order terms … may become very large, making learning harder.',
      published: 'Goodfellow et al. 2016, Section 8.7.1',
      studies: ['goodfellow2016/chain'],
    },
    {
      form: 'lost picture',
      quote:
        'This is a small computation graph that uses just three examples, but it’s sufficient to show which variables are dependent on each other, and how.',
      published: 'Ioffe and Szegedy 2015, Section 3: the gradients, in words and formulas',
      studies: ['ioffe2015/backward'],
    },
    {
      form: 'formula',
      quote:
        'Thus, we’ve reparameterized the weight matrix, making it account only for the direction in the covariance space S',
      published: 'Kohler et al. 2018, Section 3',
      studies: ['kohler2018/length-direction'],
    },
    {
      form: 'description',
      quote: 'Weight Normalization does the same thing, but S is replaced by I.',
      published: 'Salimans and Kingma 2016, equation 2',
      studies: ['salimans2016/weight-norm'],
    },
    {
      form: 'lost picture',
      quote: 'the network doesn’t do as poorly as expected, but it still outperforms the standard network',
      published: 'Santurkar et al. 2018, Figure 2',
      studies: ['santurkar2018/noisy'],
    },
    {
      form: 'lost picture',
      quote: 'Batch norm reduces the bound on the gradient relative to an un-batch normed network significantly.',
      published: 'Santurkar et al. 2018, Theorem 4.1',
      studies: ['santurkar2018/theorem-4-1'],
    },
    {
      form: 'description',
      quote: 'Batch norm also imposes some second-order constraints on the hessian',
      published: 'Santurkar et al. 2018, Theorem 4.2',
      studies: ['santurkar2018/theorem-4-2'],
    },
  ],
  misstatements: [
    {
      study: 'ioffe2015/backward',
      says: '∂l/∂μ and ∂l/∂σ² are sums over ∂l/∂xᵢ, the gradient with respect to the input.',
      source:
        'They are sums over ∂l/∂x̂ᵢ. The gradient of μ also has a second term, ∂l/∂σ² · Σ −2(xᵢ − μ)/m, which is 0 whatever the batch.',
    },
    {
      study: 'ioffe2015/one-pass-variance',
      says: 'σ² is the mean of squares minus the squared mean, and its edges of the graph are those of the centred form.',
      source:
        'The one-pass form has edges ∂σ²/∂xᵢ = 2xᵢ/m and ∂σ²/∂μ = −2μ; the centred one has 2(xᵢ − μ)/m and 0. Their totals agree. In float32 the first cancels where |μ| is much larger than σ.',
    },
    {
      study: 'santurkar2018/noisy',
      says: 'With noise injected, the network does not do as poorly as expected.',
      source: 'The paper says more: batch norm with and without noise hardly differ in training.',
    },
  ],
  agreements: [],
};
