/** @file The networks whose curvature is followed to the edge of stability (cohen2021): two hidden layers of tanh, squares, few images. */

import type { TrainingSpec } from '../cells/training-spec.ts';
import type { DatasetName } from '../data/dataset.ts';
import { datasets } from '../data/datasets.ts';
import { SettingError } from '../errors.ts';
import type { NormName } from '../norms/index.ts';
import { defaultNormSettings } from '../norms/norm.ts';
import { heldProbe } from '../probes/index.ts';
import { classifier } from '../problems/classifier.ts';
import type { NetworkFunction } from '../problems/network-function.ts';
import type { Problem } from '../problems/problem.ts';
import type { JsonObject } from '../records/canonical-json.ts';
import type { HeldProbe } from '../records/cell.ts';
import { plainTraining } from './plain-training.ts';
import { checkTrained } from './protocol-checks.ts';
import { sharedProblem } from './shared-problem.ts';

/** What holds for every training of the family. */
export interface EdgeProtocol extends JsonObject {
  readonly dataset: string;
  /** The first of the training split, on which alone it trains: the whole of its loss. */
  readonly examples: number;
  /** Of each of the two hidden layers. */
  readonly units: number;
  /** Of Glorot's initial weights. */
  readonly initialScale: number;
  /** Steps between measurements of the largest eigenvalue. */
  readonly every: number;
  /** Products of the Hessian with a vector, per measurement. */
  readonly products: number;
  readonly seeds: number;
  readonly firstSeed: number;
}

/**
 * Half of Glorot's weights are about those that the published code starts from (uniform in ±1/√fan-in), and without norms they
 * begin well below the edge. 16 × 16 pixels and 1000 images stand for 32 × 32 and 5000: each product of the Hessian sees them all.
 * Twelve products, from where the measurement before came to, are as good as forty from nothing.
 */
export const edgeProtocol: EdgeProtocol = {
  dataset: 'cifar10-16',
  examples: 1000,
  units: 100,
  initialScale: 0.5,
  every: 40,
  products: 12,
  seeds: 6,
  firstSeed: 100,
};

export function checkEdge(protocol: EdgeProtocol): void {
  checkTrained(protocol);
  const { units } = protocol;
  if (Number.isInteger(units) && units >= 1) return;
  throw new SettingError(`A hidden layer needs a whole number of units, 1 or more, got ${units}`);
}

/** Which of the family a network is. */
export interface EdgeNetwork {
  readonly norm: NormName;
  /** The published code normalises after the activation. */
  readonly placement: 'before' | 'after';
  /** Whether hidden layers have their weights alone: no bias, and norms no gamma and no beta. */
  readonly weightsAlone: boolean;
}

export function edgeProblem({ dataset, units, initialScale }: EdgeProtocol, network: EdgeNetwork): Problem {
  const { norm, placement, weightsAlone } = network;
  const settings = { bias: !weightsAlone };
  const twoLayers: NetworkFunction =
    ({ dense, flatten, linear }) =>
    (x) =>
      linear('head', dense('dense2', dense('dense1', flatten(x), units, settings), units, settings), 10);
  return sharedProblem({ network: 'edge', dataset, units, initialScale, norm, placement, weightsAlone }, () =>
    classifier(twoLayers, {
      input: datasets[dataset as DatasetName].shape,
      loss: 'squares',
      activation: 'tanh',
      norm,
      placement,
      initialiser: 'glorot',
      initialScale,
      ...(weightsAlone && { normSettings: { ...defaultNormSettings, gamma: false, beta: false } }),
    }),
  );
}

/** Plain gradient descent on batches of some of the examples, or on all of them; nothing is evaluated. */
export function edgeTraining(
  { dataset, examples }: EdgeProtocol,
  given: Pick<TrainingSpec['training'], 'steps' | 'seed' | 'learningRate'> & Partial<TrainingSpec['training']>,
): TrainingSpec['training'] {
  return plainTraining({ dataset, examples, batchSize: examples, evaluateEvery: 0, ...given });
}

/** The largest eigenvalue of the Hessian of the whole loss: of all parameters, or of those of some hidden layers together. */
export function edgeProbe({ examples, every, products }: EdgeProtocol, layers: readonly number[] = []): HeldProbe {
  return heldProbe('data-sharpness', { every, examples, products, layers });
}
