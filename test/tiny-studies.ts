/** @file Every study in little: settings under which its trainings take seconds, and the data they are on where it needs some. */

import type { Dataset } from '../src/data/dataset.ts';
import { syntheticDataset } from '../src/data/synthetic.ts';

/** A small network on few images, which it learns within a hundred steps. */
const tinyVgg = { model: 'mlp', width: '0.1', batchSize: '16', steps: '120', seeds: '3' };
const tinyImages = syntheticDataset({ classes: 10, shape: [3, 32, 32], count: 80, seed: 11 });

const tinyDigits = syntheticDataset({ classes: 10, shape: [1, 28, 28], count: 80, seed: 12 });
/** keskar2017's, of which all images are looked at. */
const tinyPerceptron = { examples: '80', layers: '2', units: '11', evaluations: '9', seeds: '3' };

/** A deep linear network whose gradients are compared. */
const tinyLinearShift = {
  depth: '4',
  width: '4',
  examples: '16',
  steps: '80',
  every: '10',
  layers: '2,3',
  seeds: '3',
  learningRate: '0.0005',
};
/** One step of a residual network. */
const tinyResnet = { model: 'resnet20', width: '0.1', batchSize: '3', seeds: '3', controlSeeds: '1', sizes: '3' };

/** Two small layers that descend fast enough to come to the edge of stability. */
const tinyEdge = { examples: '40', units: '8', every: '10', products: '6', seeds: '3' };
const halfImages = syntheticDataset({ classes: 10, shape: [3, 16, 16], count: 40, seed: 13 });

/** What falls by less than 99 % of itself is a plateau to it. */
const tinyAccuracy = {
  model: 'mlp',
  width: '0.1',
  examples: '80',
  batchSize: '16',
  augment: 'false',
  smallRateEpochs: '24',
  largeRateEpochs: '24',
  improvement: '0.99',
  smallRate: '0.005',
  largeRate: '0.05',
  seeds: '3',
};

/** Per study a protocol that is over in seconds, and data to run it on if it trains. */
export const tiny: Readonly<Record<string, { readonly set: Record<string, string>; readonly dataset?: Dataset }>> = {
  'ioffe2015/backward': { set: { cases: '2' } },
  'ioffe2015/scale': { set: { cases: '3' } },
  'ioffe2015/inference': { set: { populations: '3', populationSize: '4', batchSize: '2', batches: '5' } },
  'ioffe2015/one-pass-variance': { set: { channels: '3', examples: '5', exponents: '1,2,3,4' } },
  'ioffe2015/jacobian': {
    set: {
      width: '5',
      batches: '7',
      coupledWidth: '2',
      coupledBatch: '5',
      idealWidth: '3',
      idealBatch: '7',
      idealCases: '1',
    },
  },
  'goodfellow2016/chain': { set: { chains: '2', deepest: '4' } },
  'kohler2018/length-direction': { set: { cases: '3', problems: '2', steps: '5' } },
  'salimans2016/weight-norm': { set: { cases: '3', seeds: '2', steps: '5' } },
  'dinh2017/rescaling': { set: { seeds: '2', examples: '23', steps: '40' } },
  'cai2019/least-squares': { set: { seeds: '2', steps: '30', inputs: '5', examples: '9' } },
  'li2020/exponential-rate': { set: { seeds: '2', steps: '4' } },
  'santurkar2018/observation-4-3': { set: { seeds: '2', units: '3', sizes: '4' } },
  'santurkar2018/theorem-4-1': { set: { seeds: '2', units: '3', model: 'mlp', width: '0.1', batchSize: '5' } },
  'santurkar2018/theorem-4-2': { set: { seeds: '2', units: '9', sizes: '4,7' } },
  'santurkar2018/theorem-4-4': { set: { seeds: '2', units: '3', sizes: '4', lossScales: '0.1,1' } },
  'santurkar2018/theorem-c-1': { set: { seeds: '2', units: '8', sizes: '4' } },
  'santurkar2018/lemma-4-5': { set: { seeds: '2', units: '3', sizes: '4' } },
  'bjorck2018/sgd-noise': { set: { draws: '50', examples: '12', sizes: '2,3', size: '2' } },
  'bjorck2018/random-products': { set: { seeds: '2', rows: '30', factors: '1,2', sweepRows: '10', sweepFactors: '3' } },
  'yang2019/gradient-explosion': {
    set: { seeds: '2', width: '20', depth: '6', from: '1', until: '5', batches: '5,8,32' },
  },
  'daneshmand2020/rank': {
    set: { widths: '3,5', layers: '40', burnIn: '20', every: '10', layersPerRun: '5', plainLayers: '150' },
  },
  'balduzzi2017/shattering': { set: { seeds: '2', depths: '1,3', units: '7', points: '20', traced: '3' } },
  'de2020/branch-scaling': {
    set: { seeds: '2', blocks: '3', images: '3', channels: '4', size: '3', resnetImages: '2', resnetSize: '4' },
  },
  'miyato2018/spectral-norm': { set: { seeds: '2', weights: '2', iterations: '60', points: '12', walkSteps: '2' } },
  'arjovsky2017/weight-clipping': {
    set: { seeds: '2', clips: '0.01,0.1', points: '12', walkSteps: '2', steps: '20', every: '10', testSize: '50' },
  },
  'ioffe2015/mnist': {
    set: {
      width: '0.1',
      batchSize: '16',
      steps: '150',
      seeds: '3',
      units: '2',
      evaluateEvery: '30',
      learningRates: '0.5,1',
    },
    dataset: tinyDigits,
  },
  'santurkar2018/robustness': {
    set: {
      width: '0.1',
      batchSize: '16',
      steps: '80',
      seeds: '3',
      initialScales: '0.5,2',
      learningRates: '0.1,0.3',
    },
    dataset: tinyDigits,
  },
  'santurkar2018/shift-linear': { set: tinyLinearShift },
  'santurkar2018/shift-linear-large-rate': { set: tinyLinearShift },
  'santurkar2018/landscape-linear': {
    set: { depth: '3', width: '4', examples: '16', steps: '160', every: '10', seeds: '3', learningRate: '0.0005' },
  },
  'santurkar2018/lp-linear': {
    set: { depth: '3', width: '4', examples: '16', steps: '40', seeds: '3', learningRate: '0.0005' },
  },
  'santurkar2018/faster': { set: { ...tinyVgg, layers: '1,3' }, dataset: tinyImages },
  'santurkar2018/larger-rates': { set: { ...tinyVgg, learningRates: '0.1,0.8' }, dataset: tinyImages },
  'santurkar2018/noisy': { set: { ...tinyVgg, layers: '1,3' }, dataset: tinyImages },
  'santurkar2018/noise-alone': { set: tinyVgg, dataset: tinyImages },
  'santurkar2018/shift': { set: { ...tinyVgg, layers: '2,3', every: '10' }, dataset: tinyImages },
  'santurkar2018/shift-small-rate': {
    set: { ...tinyVgg, layers: '2,3', every: '10', learningRate: '0.05' },
    dataset: tinyImages,
  },
  'santurkar2018/landscape': { set: { ...tinyVgg, every: '10', learningRates: '0.1,0.2' }, dataset: tinyImages },
  'santurkar2018/definitions': {
    set: {
      ...tinyVgg,
      width: '0.05',
      batchSize: '8',
      every: '8',
      layers: '2',
      multiples: '0.01,0.5,1',
      denseMultiples: '2',
      learningRates: '0.05,0.1',
      adamRate: '0.005',
      envelopeSeeds: '2',
    },
    dataset: tinyImages,
  },
  'santurkar2018/lp-norms': { set: { ...tinyVgg, normedSteps: '60' }, dataset: tinyImages },
  'santurkar2018/linf-average': { set: tinyVgg, dataset: tinyImages },
  'santurkar2018/histograms': { set: { ...tinyVgg, steps: '60', layers: '1,3', every: '20' }, dataset: tinyImages },
  'bjorck2018/moments-over-depth': { set: tinyResnet, dataset: tinyImages },
  'bjorck2018/class-gradients': { set: { ...tinyResnet, examples: '3' }, dataset: tinyImages },
  'bjorck2018/cancelling-sums': { set: { ...tinyResnet, layers: '2,5' }, dataset: tinyImages },
  'bjorck2018/gradient-tails': { set: { ...tinyResnet, layers: '2,5' }, dataset: tinyImages },
  'bjorck2018/diverging-update': {
    set: {
      ...tinyResnet,
      drawnLayers: '2,5',
      smallest: '0.01',
      largest: '1000',
      besideSmallest: '0.01',
      besideLargest: '1000',
    },
    dataset: tinyImages,
  },
  'bjorck2018/depth': {
    set: { models: 'vgg11,vgg13', width: '0.05', batchSize: '8', steps: '10', seeds: '3', ratio: '4', most: '1e9' },
    dataset: tinyImages,
  },
  'bjorck2018/learning-rate': {
    set: { ...tinyAccuracy, smallBatchSizes: '8', controlSeeds: '1' },
    dataset: tinyImages,
  },
  'bjorck2018/last-layer': { set: { ...tinyAccuracy, smallRate: '0.001' }, dataset: tinyImages },
  'de2020/skip-init': {
    set: {
      ...tinyAccuracy,
      model: 'resnet20',
      width: '0.15',
      smallRateEpochs: '5',
      largeRateEpochs: '9',
      largeRate: '0.1',
      seeds: '5',
      smallRate: '0.007',
    },
    dataset: tinyImages,
  },
  'cohen2021/edge': { set: { ...tinyEdge, learningRates: '0.2,0.3', time: '30' }, dataset: halfImages },
  'andreyev2024/batch-sharpness': {
    set: { ...tinyEdge, initialScale: '0.5', learningRate: '1', steps: '200', batchSizes: '10,20', stretch: '20' },
    dataset: halfImages,
  },
  'andreyev2024/batch-norm': {
    set: { ...tinyEdge, initialScale: '0.5', learningRate: '0.2', steps: '200', batchSizes: '20,40', stretch: '20' },
    dataset: halfImages,
  },
  'lyu2022/spherical-sharpness': {
    set: { ...tinyEdge, units: '16', learningRate: '0.1', weightDecay: '0.03', steps: '200' },
    dataset: halfImages,
  },
  'bjorck2018/step-size': { set: { ...tinyResnet, steps: '4', sizes: '4' }, dataset: tinyImages },
  'keskar2017/sharpness': {
    set: { ...tinyPerceptron, smallBatch: '8', largeBatch: '40', epochs: '12' },
    dataset: tinyDigits,
  },
  'bjorck2018/flatness': {
    set: { ...tinyPerceptron, batchSize: '16', learningRates: '0.1,0.3', epochs: '12' },
    dataset: tinyDigits,
  },
  'ghorbani2019/outliers': {
    set: { ...tinyVgg, steps: '60', every: '20', eigenvalues: '3', products: '8' },
    dataset: tinyImages,
  },
  'yao2020/shallow': {
    set: { layers: '2,3', channels: '3', batchSize: '8', steps: '30', from: '10', seeds: '3' },
    dataset: tinyImages,
  },
  'frankle2021/affine-alone': {
    set: {
      models: 'vgg11,vgg13,vgg16',
      compared: 'vgg11',
      width: '0.1',
      batchSize: '16',
      steps: '60',
      learningRate: '0.2',
      drawnGamma: 'false',
      seeds: '3',
    },
    dataset: halfImages,
  },
};
