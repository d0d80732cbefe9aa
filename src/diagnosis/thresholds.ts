/**
 * @file Beyond which numbers a rule speaks, all in one place, with where each threshold comes from. Those marked
 * `calibrated` were set between what healthy networks and seeded faults give on seeds 0 and 1
 * (`tools/diagnosis-calibration.ts`), and judged on others.
 */

export type RuleName =
  | 'not-finite'
  | 'poisoned-statistics'
  | 'never-updated'
  | 'stale-mean'
  | 'stale-variance'
  | 'train-eval-gap'
  | 'small-batch'
  | 'batch-noise'
  | 'dead-relu'
  | 'idle-relu'
  | 'constant-channel'
  | 'dead-gamma'
  | 'gradient-spread'
  | 'vanishing-gradient'
  | 'gradient-ratio'
  | 'zero-gradients'
  | 'saturated-tanh'
  | 'activation-growth'
  | 'bare-depth'
  | 'epsilon-share'
  | 'momentum-convention'
  | 'redundant-bias'
  | 'preprocessing'
  | 'rate-ceiling'
  | 'weight-growth'
  | 'update-ratio'
  | 'unchanged'
  | 'oscillation';

export interface Threshold {
  /** Beyond it a note; undefined where the rule has none. */
  readonly note: number | undefined;
  /** Beyond it a problem. */
  readonly problem: number | undefined;
  /** What the number is. */
  readonly what: string;
  readonly source: string;
}

const healthy = 'between trained networks that are healthy and seeded faults, on MNIST and CIFAR-10';
const sageMaker = 'SageMaker Debugger, built-in rule';
const autoTrainer = 'AUTOTRAINER (Zhang et al., ICSE 2021)';

export const thresholds: Readonly<Record<RuleName, Threshold>> = {
  'not-finite': {
    note: undefined,
    problem: 0,
    what: 'parameters that are not finite',
    source: 'no network computes with them',
  },
  'poisoned-statistics': {
    note: undefined,
    problem: 0,
    what: 'channels whose running mean is not finite, or whose running variance is not finite or below 0',
    source: 'no root of a negative number',
  },
  'never-updated': {
    note: undefined,
    problem: 0.999,
    what: 'share of channels with running mean 0 and running variance 1 exactly, as initialised',
    source: healthy,
  },
  'stale-mean': {
    note: 0.25,
    problem: 0.5,
    what: 'D: median over channels of |running mean − population mean|, in population standard deviations',
    source: `${healthy}: up to 0.09 and from 1.0`,
  },
  'stale-variance': {
    note: 0.6,
    problem: 1,
    what: 'R: median over channels of |log2(running variance / population variance)|',
    source: `${healthy}: up to 0.39 and from 4`,
  },
  'train-eval-gap': {
    note: 0.05,
    problem: 0.2,
    what: 'loss by running statistics − loss by batch statistics, nats',
    source: `${healthy}: up to 0.015 and from 0.27`,
  },
  'small-batch': {
    note: 0.15,
    problem: 0.3,
    what: 'standard deviation over batches of the batch mean, in population deviations, median over channels',
    source: `${healthy}: up to 0.11 at batches of 64, 0.53 at batches of 2`,
  },
  'batch-noise': {
    note: 0.1,
    problem: 0.3,
    what: 'loss by batch statistics − loss by running statistics, nats',
    source:
      'calibrated: up to 0.06 at batches of 32, 0.33 to 0.55 of 8, from 1.5 of 2, on MNIST; means need not wander for it',
  },
  'dead-relu': {
    note: 0.1,
    problem: 0.5,
    what: 'share of units that are never above 0 on any example',
    source: `${healthy}: up to 0.35 in a healthy head`,
  },
  'idle-relu': {
    note: 0.5,
    problem: undefined,
    what: 'share of units above 0 less than 1 % of the time',
    source: `${sageMaker} DeadRelu: 1 % and 50 % of a layer`,
  },
  'constant-channel': {
    note: 0,
    problem: 0.25,
    what: 'share of channels whose population variance is below 10 epsilon',
    source: `${healthy}: 0 to 3 of 24`,
  },
  'dead-gamma': {
    note: 0,
    problem: 0.25,
    what: 'share of gammas below 1 % of the median gamma',
    source: `${healthy}: up to 1 of 48, and 16 of 48`,
  },
  'gradient-spread': {
    note: 1e3,
    problem: 1e5,
    what: 'largest ÷ smallest of ‖gradient‖ / ‖weight‖ over weights',
    source: `${healthy}: 5 to 34`,
  },
  'vanishing-gradient': {
    note: 1e-7,
    problem: undefined,
    what: 'root mean square of a weight’s gradient',
    source: `${sageMaker} VanishingGradient`,
  },
  'gradient-ratio': {
    note: 70,
    problem: undefined,
    what: '‖gradient‖ of the first weight ÷ that of the last, or the inverse',
    source: `${autoTrainer}: above 70 explodes, below 1e-3 vanishes`,
  },
  'zero-gradients': {
    note: 0.7,
    problem: undefined,
    what: 'share of a weight’s entries whose gradient is exactly 0',
    source: `${autoTrainer}: 70 %`,
  },
  'saturated-tanh': {
    note: 0.05,
    problem: 0.5,
    what: 'share of values beyond ±9.5 before a tanh',
    source: `${sageMaker} TanhSaturation: ±9.4999; shares of our own`,
  },
  'activation-growth': {
    note: 10,
    problem: 1e4,
    what: 'largest ÷ smallest standard deviation before norms within 5 layers',
    source: 'calibrated: healthy up to 5; one layer scaled by 100 gives 1e2, by 1,000 1e3, by 10,000 1e4',
  },
  'bare-depth': {
    note: 7,
    problem: undefined,
    what: 'ReLU layers in a row with neither norm nor shortcut',
    source:
      'a convention, not borne out: gradients of initial networks of up to 32 such layers spread by a factor of 5 at most; hence no more than a note',
  },
  'epsilon-share': {
    note: 0.01,
    problem: 0.3,
    what: 'epsilon ÷ median population variance',
    source: 'calibrated: healthy up to 2e-5; one layer scaled by 0.1 gives 1.5e-3, by 0.01 0.15, by 0.001 15',
  },
  'momentum-convention': {
    note: 0.5,
    problem: 0,
    what: 'share of the running statistics that a step keeps',
    source: 'ONNX’s momentum is this share, PyTorch’s is 1 minus it; 0.9 is usual',
  },
  'redundant-bias': {
    note: 0,
    problem: undefined,
    what: 'biases that a norm takes away again',
    source: 'ioffe2015, section 3.2',
  },
  preprocessing: {
    note: undefined,
    problem: 0.05,
    what: 'accuracy under the best scaling − accuracy under the given one',
    source: `${healthy}: the right one was the best of 15 networks; a wrong one cost up to 60 points`,
  },
  'rate-ceiling': {
    note: 0.5,
    problem: 1,
    what: 'learning rate ÷ largest one that holds for 30 steps',
    source: 'by the definition of a ceiling',
  },
  'weight-growth': {
    note: 0.05,
    problem: 0.5,
    what: 'growth of ‖w‖ of normalised weights per 100 steps',
    source: 'a step of η adds η²‖g‖² to ‖w‖²: × 1.09 at a rate of 0.1, × 2.8 at 1, in 30 steps',
  },
  'update-ratio': {
    note: 10,
    problem: undefined,
    what: 'η ‖gradient‖ / ‖weight‖',
    source: `${sageMaker} UpdateTooSmall and TooLarge: outside 1e-8 … 10`,
  },
  unchanged: {
    note: 0,
    problem: undefined,
    what: 'weights that no step changed',
    source: `${sageMaker} UnchangedTensor`,
  },
  oscillation: {
    note: 0.03,
    problem: undefined,
    what: 'mean size of the turns of accuracy over a short training',
    source: `${autoTrainer}: 0.03`,
  },
};
