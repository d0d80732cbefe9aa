/** @file The networks of the lab, as problems of its data. */

import type { Dataset } from '../data/dataset.ts';
import { SettingError } from '../errors.ts';
import type { ActivationName } from '../nn/activations.ts';
import type { InitialiserName } from '../nn/initialisers.ts';
import { normName } from '../norms/index.ts';
import { defaultNormSettings } from '../norms/norm.ts';
import { classifier, type ClassifierSettings } from '../problems/classifier.ts';
import type { Problem } from '../problems/problem.ts';
import { deepMlp } from './deep-mlp.ts';
import type { ArmSettings } from './settings.ts';

/** From settings of the network alone. */
const networks: Readonly<Record<string, (settings: ArmSettings, classes: number) => Parameters<typeof classifier>[0]>> =
  {
    mlp: () => 'mlp',
    'deep-mlp': ({ depth, width, initialiser }, classes) =>
      deepMlp({ depth, width, initialiser: initialiser as InitialiserName, classes }),
    vgg11: () => 'vgg11',
    resnet20: () => 'resnet20',
  };

export const networkNames: readonly string[] = Object.keys(networks);

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
  return classifier(make(settings, classes), network);
}
