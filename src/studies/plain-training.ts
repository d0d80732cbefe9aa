/** @file The plainest training, which most studies take so that arms differ in one thing alone. */

import type { TrainingSpec } from '../cells/training-spec.ts';
import { sgd } from '../train/optimisers/sgd.ts';

type Training = TrainingSpec['training'];

/** Plain SGD at a constant rate, without augmentation; the test set is looked at once, at the end. What is given goes before. */
export function plainTraining(
  given: Pick<Training, 'dataset' | 'batchSize' | 'steps' | 'seed' | 'learningRate'> & Partial<Training>,
): Training {
  return {
    augment: false,
    optimiser: sgd(),
    schedule: { kind: 'constant' },
    evaluateEvery: given.steps,
    ...given,
  };
}
