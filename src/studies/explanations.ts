/** @file Why batch norm is said to work, and which claims bear on each explanation: what the map of a report is drawn from. */

/** What a claim says about an explanation where it holds. */
export type Stance = 'for' | 'against';

export interface Evidence {
  /** "santurkar2018/noisy". */
  readonly study: string;
  readonly stance: Stance;
  /** What it tells about the explanation, in a few words that stand behind its title. */
  readonly because: string;
}

export interface Explanation {
  readonly key: string;
  readonly title: string;
  /** What it says, in one sentence. */
  readonly says: string;
  /** Who says it. */
  readonly source: string;
  readonly evidence: readonly Evidence[];
}

const on =
  (stance: Stance) =>
  (study: string, because: string): Evidence => ({ study, stance, because });
const [speaksFor, speaksAgainst] = [on('for'), on('against')];

/** A claim that fails speaks for nothing: that it is not found is no proof of its opposite. */
export const explanations: readonly Explanation[] = [
  {
    key: 'covariate-shift',
    title: 'It reduces internal covariate shift',
    says: 'Layers train faster because what they are given keeps its distribution while the layers before them change.',
    source: 'Ioffe and Szegedy 2015',
    evidence: [
      speaksFor('ioffe2015/mnist', 'percentiles of a unit are steadier'),
      speaksAgainst('santurkar2018/noisy', 'the advantage stays where distributions are made unstable'),
      speaksAgainst('santurkar2018/shift', 'gradients shift no less, in a VGG'),
      speaksAgainst('santurkar2018/shift-small-rate', 'nor at a small rate'),
      speaksAgainst('santurkar2018/shift-linear', 'nor in deep linear networks'),
      speaksAgainst('santurkar2018/shift-linear-large-rate', 'nor there at a large rate'),
      speaksAgainst('santurkar2018/histograms', 'other norms move distributions more'),
    ],
  },
  {
    key: 'smoothness',
    title: 'It makes the loss smoother',
    says: 'Loss and gradient change less along a step, so that the gradient stays a good guide for longer.',
    source: 'Santurkar et al. 2018',
    evidence: [
      speaksFor('santurkar2018/landscape', 'bands along the step are narrower, in a VGG'),
      speaksFor('santurkar2018/landscape-linear', 'and in deep linear networks'),
      speaksFor('santurkar2018/definitions', 'by whatever definition is in use'),
      speaksFor('santurkar2018/theorem-4-1', 'the gradient is shorter, as printed'),
      speaksFor('santurkar2018/theorem-4-2', 'curvature along the gradient is scaled down, less a term of either sign'),
      speaksFor('santurkar2018/theorem-4-4', 'so is the gradient of the weight, in the worst case'),
      speaksFor('santurkar2018/lp-norms', 'norms that control no distribution help as well'),
      speaksFor('ghorbani2019/outliers', 'large eigenvalues of the Hessian stand out less'),
      speaksAgainst('yao2020/shallow', 'not in shallow networks'),
      speaksAgainst('yang2019/gradient-explosion', 'gradients explode with depth because of it'),
      speaksAgainst('cohen2021/edge', 'the rate sets the sharpness in the end, with it as without'),
      speaksAgainst('andreyev2024/batch-norm', 'and that of mini-batches, with it too'),
    ],
  },
  {
    key: 'larger-rates',
    title: 'It allows larger learning rates',
    says: 'At equal small rates it gains little; it gains by the rates that only it survives.',
    source: 'Bjorck et al. 2018',
    evidence: [
      speaksFor('santurkar2018/larger-rates', 'a VGG trains at larger rates'),
      speaksFor('bjorck2018/step-size', 'the first steps can be longer'),
      speaksFor('bjorck2018/learning-rate', 'its accuracy comes with the large rate'),
      speaksFor('bjorck2018/depth', 'the largest rate falls with depth without it alone'),
      speaksFor('cai2019/least-squares', 'least squares converges at any rate'),
      speaksFor('santurkar2018/robustness', 'more rates and scales train'),
      speaksAgainst('de2020/skip-init', 'large rates need no norm where branches start at nothing'),
      speaksAgainst('santurkar2018/faster', 'it is faster at the same rate too'),
    ],
  },
  {
    key: 'explosion',
    title: 'It keeps activations and gradients from exploding',
    says: 'Without norms channels grow with depth, one class swallows the gradient, and a step is lost at once.',
    source: 'Bjorck et al. 2018',
    evidence: [
      speaksFor('bjorck2018/moments-over-depth', 'channels grow with depth without it'),
      speaksFor('bjorck2018/gradient-tails', 'gradients are larger, with heavier tails'),
      speaksFor('bjorck2018/class-gradients', 'one class is said of all images'),
      speaksFor('bjorck2018/cancelling-sums', 'terms of a gradient share their sign'),
      speaksFor('bjorck2018/diverging-update', 'channels explode along a step, the deeper the more'),
      speaksFor('bjorck2018/last-layer', 'much is gained where the last layer alone is kept in bounds'),
      speaksFor('de2020/branch-scaling', 'with it, residual branches shrink with depth'),
      speaksAgainst('yang2019/gradient-explosion', 'without residual connections it makes gradients explode'),
    ],
  },
  {
    key: 'noise',
    title: 'It regularises by noise',
    says: 'Statistics of a batch, and the larger steps, add a noise that helps to generalise.',
    source: 'Ioffe and Szegedy 2015; Bjorck et al. 2018',
    evidence: [
      speaksFor('bjorck2018/sgd-noise', 'the noise of any step grows with its rate, and so with the rates it allows'),
      speaksFor('bjorck2018/flatness', 'larger rates end in flatter minima'),
      speaksFor('keskar2017/sharpness', 'large batches, with little noise, end in sharper minima'),
      speaksAgainst('dinh2017/rescaling', 'flatness in a box is no property of the function'),
    ],
  },
  {
    key: 'conditioning',
    title: 'It improves the conditioning of random networks',
    says: 'Random deep networks collapse to few directions; normalised ones do so less.',
    source: 'Daneshmand et al. 2020',
    evidence: [
      speaksFor('bjorck2018/random-products', 'without it: products of random matrices are ill-conditioned'),
      speaksFor('daneshmand2020/rank', 'it keeps the rank of representations'),
      speaksAgainst('balduzzi2017/shattering', 'gradients of plain networks shatter with depth, with it too'),
      speaksFor('ioffe2015/jacobian', 'singular values of layers are near 1'),
    ],
  },
  {
    key: 'length-direction',
    title: 'It parts the length of a weight from its direction',
    says: 'The scale of a normalised weight has no effect but on the effective learning rate, which it tunes by itself.',
    source: 'Kohler et al. 2018; Li and Arora 2020',
    evidence: [
      speaksFor('ioffe2015/scale', 'scaling a weight changes nothing'),
      speaksFor('kohler2018/length-direction', 'it is a change of coordinates'),
      speaksFor('salimans2016/weight-norm', 'directions only grow'),
      speaksFor('li2020/exponential-rate', 'weight decay is a growing rate'),
      speaksFor('lyu2022/spherical-sharpness', 'weight decay then flattens, whatever the length'),
      speaksFor('goodfellow2016/chain', 'a step on all layers has no higher orders'),
    ],
  },
  {
    key: 'affine',
    title: 'Its scale and shift express much by themselves',
    says: 'Gamma and beta can learn to weigh, shift and switch off the channels of a network whose other weights are random.',
    source: 'Frankle et al. 2021',
    evidence: [speaksFor('frankle2021/affine-alone', 'trained alone they are worth more than as many weights')],
  },
];
