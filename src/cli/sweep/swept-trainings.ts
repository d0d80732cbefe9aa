/** @file The trainings of a sweep of one's own: every combination of its axes with every seed, in a fixed order. */

import type { TrainingSpec } from '../../cells/training-spec.ts';
import type { Dataset } from '../../data/dataset.ts';
import { canonicalJson, plainJson } from '../../records/canonical-json.ts';
import type { TrainingsRequest } from '../../sweeps/plan.ts';
import { armOf, type ChosenNetwork, chosenNetwork, networkOptionNames } from '../run/chosen-network.ts';
import { probesFrom } from '../run/probe-options.ts';
import { combinations, parsedTraining } from './swept-options.ts';
import { requireOptionsOfOptimiser, trainingFrom } from '../run/training-options.ts';

export interface SweptTraining {
  /** The value on each axis, by its name. */
  readonly setting: Readonly<Record<string, string>>;
  readonly spec: TrainingSpec;
}

/**
 * All trainings: seed by seed within a setting. Settings that make the same network share it, and with it its graphs.
 * @param load - loads a data set, for a network of a file
 * @throws {SettingError} for a setting that cannot be trained
 */
export async function sweptTrainings(
  { model, words, axes, seeds }: Omit<TrainingsRequest, 'kind'>,
  load: (dataset: string) => Promise<Dataset>,
): Promise<readonly SweptTraining[]> {
  const networks = new Map<string, ChosenNetwork>();
  const trainings: SweptTraining[] = [];
  for (const { setting, words: own } of combinations(axes)) {
    const { given, command } = parsedTraining([...words, ...own]);
    requireOptionsOfOptimiser(command, given);
    const key = networkKey(given);
    const chosen = networks.get(key) ?? (await chosenNetwork(model, given, command, load));
    networks.set(key, chosen);
    const training = trainingFrom(chosen, given);
    const probes = probesFrom(given);
    const arm = armOf(chosen.problem);
    for (const seed of seeds) {
      trainings.push({
        setting,
        spec: { arm, problem: chosen.problem, training: { ...training, seed }, probes, place: setting },
      });
    }
  }
  return trainings;
}

/** What decides the network, of all options. */
function networkKey(given: object): string {
  const names = [...networkOptionNames(), 'preprocess'];
  return canonicalJson(plainJson(Object.fromEntries(Object.entries(given).filter(([name]) => names.includes(name)))));
}
