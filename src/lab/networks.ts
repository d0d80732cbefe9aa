/** @file The networks of the lab, as problems of its data. */

import type { Dataset } from '../data/dataset.ts';
import { SettingError } from '../errors.ts';
import type { ActivationName } from '../nn/activations.ts';
import type { InitialiserName } from '../nn/initialisers.ts';
import { normName } from '../norms/index.ts';
import { defaultNormSettings } from '../norms/norm.ts';
import { classifier, type ClassifierSettings } from '../problems/classifier.ts';
import type { NetworkFunction } from '../problems/network-function.ts';
import type { Problem } from '../problems/problem.ts';
import type { ArmSettings } from './settings.ts';

/** Units of each hidden layer of the deep network, as of the multi-layer perceptron. */
const UNITS = 100;

/** From settings of the network alone. */
const networks: Readonly<Record<string, (settings: ArmSettings) => Parameters<typeof classifier>[0]>> = {
  mlp: () => 'mlp',
  'deep-mlp': ({ depth, width }) => deepMlp(depth, Math.max(1, Math.round(UNITS * width))),
  vgg11: () => 'vgg11',
  resnet20: () => 'resnet20',
};

export const networkNames: readonly string[] = Object.keys(networks);

/** So many hidden layers of as many units each, and a linear head. */
function deepMlp(depth: number, units: number): NetworkFunction {
  const network: NetworkFunction =
    ({ dense, flatten, linear }) =>
    (x) => {
      let y = flatten(x);
      for (let layer = 1; layer <= depth; layer++) y = dense(`dense${layer}`, y, units);
      return linear('head', y, 10);
    };
  // A problem's name is its function's.
  Object.defineProperty(network, 'name', { value: `deep-mlp-${depth}` });
  return network;
}

/** @throws {SettingError} for settings that make no network. */
export function problemOf(settings: ArmSettings, { shape, classes }: Pick<Dataset, 'shape' | 'classes'>): Problem {
  const make = networks[settings.network];
  if (make === undefined) {
    throw new SettingError(`The network must be one of ${networkNames.join(', ')}, got '${settings.network}'`);
  }
  const { width, placement, activation, initialiser, initialScale, normMomentum: momentum, epsilon } = settings;
  const network: ClassifierSettings = {
    input: shape,
    classes,
    norm: normName(settings.norm),
    placement: placement as 'before' | 'after',
    activation: activation as ActivationName,
    initialiser: initialiser as InitialiserName,
    initialScale,
    normSettings: { ...defaultNormSettings, momentum, epsilon },
    // A function of layers has its width already.
    ...(settings.network !== 'deep-mlp' && { width }),
  };
  return classifier(make(settings), network);
}
