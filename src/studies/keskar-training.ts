/** @file The trainings of keskar2017's network F1 that two studies share: a deep perceptron with batch norm on MNIST. */

import type { TrainingSpec } from '../cells/training-spec.ts';
import type { DatasetName } from '../data/dataset.ts';
import { datasets } from '../data/datasets.ts';
import { heldProbe } from '../probes/index.ts';
import { classifier } from '../problems/classifier.ts';
import type { Problem } from '../problems/problem.ts';
import type { JsonObject } from '../records/canonical-json.ts';
import type { Records } from '../records/records.ts';
import type { OptimiserSettings } from '../train/optimisers/descent.ts';
import { cameApart } from './edge.ts';
import { format3 } from './number-text.ts';
import { plainTraining } from './plain-training.ts';
import type { Budget } from './study.ts';
import { curveOf } from './training-curves.ts';

export interface KeskarProtocol extends JsonObject {
  readonly dataset: string;
  /** Training images, the first of the data set; the sharpness is that of the mean loss over all of them. */
  readonly examples: number;
  /** Hidden layers, and units of each. */
  readonly layers: number;
  readonly units: number;
  readonly epochs: number;
  readonly epsilon: number;
  /** Of the search in the box. */
  readonly iterations: number;
  readonly evaluations: number;
  readonly seeds: number;
  readonly firstSeed: number;
}

const standard: KeskarProtocol = {
  dataset: 'mnist',
  examples: 10_000,
  layers: 5,
  units: 256,
  epochs: 20,
  epsilon: 1e-3,
  iterations: 10,
  evaluations: 40,
  seeds: 10,
  firstSeed: 100,
};

/** F1 has 512 units and all 60,000 images; half of the one and a sixth of the other are what ten seeds can afford. */
export const keskarProtocols: Readonly<Record<Budget, KeskarProtocol>> = {
  quick: { ...standard, seeds: 6 },
  standard,
  paper: { ...standard, examples: 60_000, units: 512, epochs: 100 },
};

/** keskar2017, Appendix B: each hidden layer is followed by batch norm and ReLU. */
function perceptron({ dataset, layers, units }: KeskarProtocol): Problem {
  const { shape, classes } = datasets[dataset as DatasetName];
  return classifier(
    function perceptron({ dense, flatten, linear }) {
      return (images) => {
        let x = flatten(images);
        for (let layer = 1; layer <= layers; layer++) x = dense(`dense${layer}`, x, units);
        return linear('head', x, classes);
      };
    },
    { input: shape, classes, norm: 'batch', initialiser: 'glorot' },
  );
}

export interface KeskarRun {
  readonly batchSize: number;
  readonly optimiser: OptimiserSettings;
  readonly rate: number;
  readonly seed: number;
}

/** As many epochs whatever the batch; φ is measured at the start, and at the weights before the last step. */
export function keskarTraining(
  protocol: KeskarProtocol,
  { batchSize, optimiser, rate, seed }: KeskarRun,
): Pick<TrainingSpec, 'problem' | 'training' | 'probes'> {
  const { dataset, examples, epochs, epsilon, iterations, evaluations } = protocol;
  const steps = epochs * Math.floor(examples / batchSize);
  return {
    problem: perceptron(protocol),
    training: plainTraining({ dataset, examples, batchSize, steps, seed, optimiser, learningRate: rate }),
    probes: [heldProbe('box-sharpness', { every: steps - 1, examples, epsilon, iterations, evaluations })],
  };
}

/**
 * φ where the training ended, NaN where it came apart before: what was measured of it is of its start. What is below 1e-3 counts
 * as 1e-3, which is no growth that float32 tells from none.
 */
export function lastSharpness(records: Records): number {
  const last = cameApart(records) ? Number.NaN : (records.values('box-sharpness').at(-1) ?? Number.NaN);
  return Number.isNaN(last) ? last : Math.max(last, 1e-3);
}

/** Test error after the last step. */
export function testErrorOf(records: Records): number {
  return 1 - curveOf(records).testAccuracy;
}

/** How φ was measured, and what it is no measure of. */
export function keskarNote(records: Records, { examples, epsilon, iterations }: KeskarProtocol): string {
  const residuals = records.values('box-sharpness-residual');
  return (
    `φ is over ${examples} images with the batch statistics of all of them, in the box of ε = ${epsilon}, the whole space, by ${iterations} iterations ` +
    `of projected L-BFGS, a lower bound: the largest residual of a search is ${format3(Math.max(...residuals))}. It is no invariant of the ` +
    'function: dinh2017/rescaling.'
  );
}
