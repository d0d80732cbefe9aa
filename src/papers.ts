/** @file The one table of citations. Everything else refers to a paper by its key. */

export interface Paper {
  readonly authors: string;
  readonly year: number;
  readonly title: string;
  readonly arxiv?: string;
}

export type PaperKey =
  | 'ioffe2015'
  | 'santurkar2018'
  | 'bjorck2018'
  | 'cohen2021'
  | 'andreyev2024'
  | 'lyu2022'
  | 'he2016'
  | 'he2015'
  | 'glorot2010'
  | 'simonyan2015'
  | 'lavin2016'
  | 'salmon2011'
  | 'kohler2018'
  | 'cai2019'
  | 'yang2019'
  | 'daneshmand2020'
  | 'de2020'
  | 'li2020'
  | 'balduzzi2017'
  | 'goodfellow2016'
  | 'arjovsky2017'
  | 'keskar2017'
  | 'salimans2016'
  | 'miyato2018'
  | 'ba2016'
  | 'ulyanov2016'
  | 'wu2018'
  | 'zhang2019'
  | 'zhang2019fixup'
  | 'brock2021'
  | 'ioffe2017'
  | 'hoffer2017'
  | 'singh2020'
  | 'sankararaman2020'
  | 'ghorbani2019'
  | 'yao2020'
  | 'frankle2021'
  | 'dinh2017'
  | 'zhu2025';

export const papers: Readonly<Record<PaperKey, Paper>> = {
  ioffe2015: {
    authors: 'Ioffe, Szegedy',
    year: 2015,
    title: 'Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift',
    arxiv: '1502.03167',
  },
  santurkar2018: {
    authors: 'Santurkar, Tsipras, Ilyas, Madry',
    year: 2018,
    title: 'How Does Batch Normalization Help Optimization?',
    arxiv: '1805.11604',
  },
  bjorck2018: {
    authors: 'Bjorck, Gomes, Selman, Weinberger',
    year: 2018,
    title: 'Understanding Batch Normalization',
    arxiv: '1806.02375',
  },
  cohen2021: {
    authors: 'Cohen, Kaur, Li, Kolter, Talwalkar',
    year: 2021,
    title: 'Gradient Descent on Neural Networks Typically Occurs at the Edge of Stability',
    arxiv: '2103.00065',
  },
  andreyev2024: {
    authors: 'Andreyev, Beneventano',
    year: 2024,
    title: 'Edge of Stochastic Stability: Revisiting the Edge of Stability for SGD',
    arxiv: '2412.20553',
  },
  lyu2022: {
    authors: 'Lyu, Li, Arora',
    year: 2022,
    title: 'Understanding the Generalization Benefit of Normalization Layers: Sharpness Reduction',
    arxiv: '2206.07085',
  },
  he2016: {
    authors: 'He, Zhang, Ren, Sun',
    year: 2016,
    title: 'Deep Residual Learning for Image Recognition',
    arxiv: '1512.03385',
  },
  he2015: {
    authors: 'He, Zhang, Ren, Sun',
    year: 2015,
    title: 'Delving Deep into Rectifiers: Surpassing Human-Level Performance on ImageNet Classification',
    arxiv: '1502.01852',
  },
  glorot2010: {
    authors: 'Glorot, Bengio',
    year: 2010,
    title: 'Understanding the Difficulty of Training Deep Feedforward Neural Networks',
  },
  simonyan2015: {
    authors: 'Simonyan, Zisserman',
    year: 2015,
    title: 'Very Deep Convolutional Networks for Large-Scale Image Recognition',
    arxiv: '1409.1556',
  },
  lavin2016: {
    authors: 'Lavin, Gray',
    year: 2016,
    title: 'Fast Algorithms for Convolutional Neural Networks',
    arxiv: '1509.09308',
  },
  salmon2011: {
    authors: 'Salmon, Moraes, Dror, Shaw',
    year: 2011,
    title: 'Parallel Random Numbers: As Easy as 1, 2, 3',
  },
  kohler2018: {
    authors: 'Kohler, Daneshmand, Lucchi, Zhou, Neymeyr, Hofmann',
    year: 2018,
    title: 'Exponential Convergence Rates for Batch Normalization: The Power of Length-Direction Decoupling',
    arxiv: '1805.10694',
  },
  cai2019: {
    authors: 'Cai, Li, Shen',
    year: 2019,
    title: 'A Quantitative Analysis of the Effect of Batch Normalization on Gradient Descent',
    arxiv: '1810.00122',
  },
  yang2019: {
    authors: 'Yang, Pennington, Rao, Sohl-Dickstein, Schoenholz',
    year: 2019,
    title: 'A Mean Field Theory of Batch Normalization',
    arxiv: '1902.08129',
  },
  daneshmand2020: {
    authors: 'Daneshmand, Kohler, Bach, Hofmann, Lucchi',
    year: 2020,
    title: 'Batch Normalization Provably Avoids Rank Collapse for Randomly Initialised Deep Networks',
    arxiv: '2003.01652',
  },
  de2020: {
    authors: 'De, Smith',
    year: 2020,
    title: 'Batch Normalization Biases Residual Blocks Towards the Identity Function in Deep Networks',
    arxiv: '2002.10444',
  },
  li2020: {
    authors: 'Li, Arora',
    year: 2020,
    title: 'An Exponential Learning Rate Schedule for Deep Learning',
    arxiv: '1910.07454',
  },
  balduzzi2017: {
    authors: 'Balduzzi, Frean, Leary, Lewis, Ma, McWilliams',
    year: 2017,
    title: 'The Shattered Gradients Problem: If Resnets Are the Answer, Then What Is the Question?',
    arxiv: '1702.08591',
  },
  goodfellow2016: {
    authors: 'Goodfellow, Bengio, Courville',
    year: 2016,
    title: 'Deep Learning',
  },
  arjovsky2017: {
    authors: 'Arjovsky, Chintala, Bottou',
    year: 2017,
    title: 'Wasserstein GAN',
    arxiv: '1701.07875',
  },
  keskar2017: {
    authors: 'Keskar, Mudigere, Nocedal, Smelyanskiy, Tang',
    year: 2017,
    title: 'On Large-Batch Training for Deep Learning: Generalization Gap and Sharp Minima',
    arxiv: '1609.04836',
  },
  salimans2016: {
    authors: 'Salimans, Kingma',
    year: 2016,
    title: 'Weight Normalization: A Simple Reparameterization to Accelerate Training of Deep Neural Networks',
    arxiv: '1602.07868',
  },
  miyato2018: {
    authors: 'Miyato, Kataoka, Koyama, Yoshida',
    year: 2018,
    title: 'Spectral Normalization for Generative Adversarial Networks',
    arxiv: '1802.05957',
  },
  ba2016: {
    authors: 'Ba, Kiros, Hinton',
    year: 2016,
    title: 'Layer Normalization',
    arxiv: '1607.06450',
  },
  ulyanov2016: {
    authors: 'Ulyanov, Vedaldi, Lempitsky',
    year: 2016,
    title: 'Instance Normalization: The Missing Ingredient for Fast Stylization',
    arxiv: '1607.08022',
  },
  wu2018: {
    authors: 'Wu, He',
    year: 2018,
    title: 'Group Normalization',
    arxiv: '1803.08494',
  },
  zhang2019: {
    authors: 'Zhang, Sennrich',
    year: 2019,
    title: 'Root Mean Square Layer Normalization',
    arxiv: '1910.07467',
  },
  zhang2019fixup: {
    authors: 'Zhang, Dauphin, Ma',
    year: 2019,
    title: 'Fixup Initialization: Residual Learning Without Normalization',
    arxiv: '1901.09321',
  },
  brock2021: {
    authors: 'Brock, De, Smith',
    year: 2021,
    title: 'Characterizing Signal Propagation to Close the Performance Gap in Unnormalized ResNets',
    arxiv: '2101.08692',
  },
  ioffe2017: {
    authors: 'Ioffe',
    year: 2017,
    title: 'Batch Renormalization: Towards Reducing Minibatch Dependence in Batch-Normalized Models',
    arxiv: '1702.03275',
  },
  hoffer2017: {
    authors: 'Hoffer, Hubara, Soudry',
    year: 2017,
    title: 'Train Longer, Generalize Better: Closing the Generalization Gap in Large Batch Training of Neural Networks',
    arxiv: '1705.08741',
  },
  singh2020: {
    authors: 'Singh, Krishnan',
    year: 2020,
    title: 'Filter Response Normalization Layer: Eliminating Batch Dependence in the Training of Deep Neural Networks',
    arxiv: '1911.09737',
  },
  ghorbani2019: {
    authors: 'Ghorbani, Krishnan, Xiao',
    year: 2019,
    title: 'An Investigation into Neural Net Optimization via Hessian Eigenvalue Density',
    arxiv: '1901.10159',
  },
  yao2020: {
    authors: 'Yao, Gholami, Keutzer, Mahoney',
    year: 2020,
    title: 'PyHessian: Neural Networks Through the Lens of the Hessian',
    arxiv: '1912.07145',
  },
  frankle2021: {
    authors: 'Frankle, Schwab, Morcos',
    year: 2021,
    title: 'Training BatchNorm and Only BatchNorm: On the Expressive Power of Random Features in CNNs',
    arxiv: '2003.00152',
  },
  dinh2017: {
    authors: 'Dinh, Pascanu, Bengio, Bengio',
    year: 2017,
    title: 'Sharp Minima Can Generalize For Deep Nets',
    arxiv: '1703.04933',
  },
  sankararaman2020: {
    authors: 'Sankararaman, De, Xu, Huang, Goldstein',
    year: 2020,
    title: 'The Impact of Neural Network Overparameterization on Gradient Confusion and Stochastic Gradient Descent',
    arxiv: '1904.06963',
  },
  zhu2025: {
    authors: 'Zhu, Chen, He, LeCun, Liu',
    year: 2025,
    title: 'Transformers without Normalization',
    arxiv: '2503.10622',
  },
};

/** "Santurkar, Tsipras, Ilyas, Madry 2018". */
export function citation(key: PaperKey): string {
  const paper = papers[key];
  return `${paper.authors} ${paper.year}`;
}
