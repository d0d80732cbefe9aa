/** @file What the lab offers, read off the registries: the fields of its settings, and what norms say of themselves. */

import { activations } from '../nn/activations.ts';
import { initialisers } from '../nn/initialisers.ts';
import { norms } from '../norms/index.ts';
import { defaultNormSettings } from '../norms/norm.ts';
import { papers } from '../papers.ts';
import { armDevices, type ChoiceField, type Fields, type NumberField, withDataSets } from './settings.ts';
import { networkNames } from './networks.ts';

/** Plain data: the page has it as a file, `catalogue.json`, and not the registries themselves. */
export interface Catalogue {
  readonly fields: Fields;
  readonly norms: Readonly<Record<string, NormText>>;
}

export interface NormText {
  readonly title: string;
  readonly formula: string;
  /** Who defined it, as "Ioffe & Szegedy 2015"; undefined for none. */
  readonly paper: string | undefined;
}

const choice = (label: string, options: readonly string[], usual: string, help: string): ChoiceField => ({
  kind: 'choice',
  label,
  options,
  usual,
  help,
});

const whole = (label: string, [least, most]: readonly [number, number], usual: number, help: string): NumberField => ({
  kind: 'number',
  label,
  least,
  most,
  usual,
  help,
  isWhole: true,
  by: 1,
});

const factor = (label: string, [least, most]: readonly [number, number], usual: number, help: string): NumberField => ({
  kind: 'number',
  label,
  least,
  most,
  usual,
  help,
  by: 'factor',
});

/** @param dataNames - the data sets that the page has, the usual one first */
export function catalogue(dataNames: readonly string[]): Catalogue {
  const fields: Fields = {
    norm: {
      ...choice(
        'norm',
        Object.keys(norms),
        'batch',
        'What every hidden layer is normalised by. Statistics of batch norm are of the mini-batch, with the biased variance.',
      ),
      isFirst: true,
    },
    learningRate: {
      ...factor(
        'learning rate',
        [1e-6, 1000],
        0.1,
        'The step along the negative gradient. It may be changed while an arm runs.',
      ),
      isFirst: true,
    },
    batchSize: {
      ...whole('batch size', [1, 256], 64, 'Examples per step, over which batch norm takes its statistics.'),
      isFirst: true,
    },
    network: {
      ...choice(
        'network',
        networkNames,
        'mlp',
        'Three hidden layers of 100 units; any number of them; VGG-11 or ResNet-20.',
      ),
      isFirst: true,
    },
    data: choice('data', [], '', 'The images that it learns to tell apart.'),
    depth: whole('depth', [1, 60], 20, 'Hidden layers of the network deep-mlp; others have a depth of their own.'),
    width: factor('width', [0.05, 2], 1, 'Multiplies the number of channels or hidden units.'),
    placement: choice(
      'placement',
      ['before', 'after'],
      'before',
      'Whether layers are normalised before or after their activation.',
    ),
    activation: choice('activation', Object.keys(activations), 'relu', 'The non-linearity of every hidden layer.'),
    initialiser: choice('initialiser', Object.keys(initialisers), 'he', 'How weights start out; biases start at 0.'),
    initialScale: factor('initial scale', [1e-3, 1000], 1, 'Multiplies all initial weights.'),
    momentum: { ...factor('momentum', [0, 0.999], 0, 'Of the steps: v ← momentum · v + g.'), by: 0.1 },
    seed: whole('seed', [0, 9999], 0, 'Draws the initial weights, the noise and the order of the examples.'),
    normMomentum: {
      ...factor(
        'running momentum',
        [0, 1],
        defaultNormSettings.momentum,
        'Weight of the new batch in the running statistics (of its unbiased variance), which evaluation uses.',
      ),
      by: 0.05,
    },
    epsilon: factor('epsilon', [0, 10], defaultNormSettings.epsilon, 'Added to the variance under the root.'),
    device: choice(
      'computed on',
      armDevices,
      'processor',
      'The processor, to the same bits everywhere; or the GPU, by WebGPU, to bits of its own, which count for no tour. Loads 4.3 MB more.',
    ),
  };
  const texts = Object.entries(norms).map(([name, { title, formula, paper }]) => [
    name,
    { title, formula, paper: paper === undefined ? undefined : `${papers[paper].authors} ${papers[paper].year}` },
  ]);
  return { fields: withDataSets(fields, dataNames), norms: Object.fromEntries(texts) as Catalogue['norms'] };
}
