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
  | 'he2016'
  | 'he2015'
  | 'glorot2010'
  | 'simonyan2015'
  | 'lavin2016'
  | 'salmon2011';

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
};

/** "Santurkar, Tsipras, Ilyas, Madry 2018". */
export function citation(key: PaperKey): string {
  const paper = papers[key];
  return `${paper.authors} ${paper.year}`;
}
