/** @file Problems that many cells ask for: the graphs of one are built once, not once per cell. */

import type { DatasetName } from '../data/dataset.ts';
import { datasets } from '../data/datasets.ts';
import { modelName } from '../models/index.ts';
import { classifier } from '../problems/classifier.ts';
import type { NetworkSettings } from '../problems/network-settings.ts';
import type { Problem } from '../problems/problem.ts';
import type { JsonObject } from '../records/canonical-json.ts';

const problems = new Map<string, Problem>();

/** The problem of that name, one object for all who ask; `make` makes it the first time. */
export function sharedProblem(name: JsonObject, make: () => Problem): Problem {
  const key = JSON.stringify(name);
  const made = problems.get(key) ?? make();
  problems.set(key, made);
  return made;
}

/** Classification of a data set by a model of the registry. */
export function sharedClassifier(
  model: string,
  dataset: string,
  settings: Pick<
    NetworkSettings,
    'norm' | 'normSettings' | 'width' | 'initialiser' | 'normalised' | 'placement' | 'branch'
  >,
): Problem {
  const { shape, classes } = datasets[dataset as DatasetName];
  return sharedProblem({ model, dataset, ...(settings as JsonObject) }, () =>
    classifier(modelName(model), { input: shape, classes, ...settings }),
  );
}
