/** @file What is measured: a network, its norm, its batch and its threads; every engine builds the same one. */

import { type ModelName, models } from '../models/index.ts';
import { checkModelSettings, defaultModelSettings, type ModelSettings } from '../models/model.ts';
import type { NormName } from '../norms/index.ts';
import { buildNetwork, type NetworkSpec } from '../train/network-graph.ts';

export interface NetworkChoice {
  readonly model: ModelName;
  /** Multiplies the channels of the published network. */
  readonly width: number;
}

export interface Subject extends NetworkChoice {
  readonly norm: NormName;
  readonly batchSize: number;
  readonly threads: number;
}

/** `vgg16`, or `vgg11 × 0.25` where the width is not the published one. */
export function subjectName({ model, width }: Pick<NetworkChoice, 'width'> & { readonly model: string }): string {
  return width === 1 ? model : `${model} × ${width}`;
}

/** The network on images of the size that the model was published for. */
export function subjectSpec({ model, norm, width, batchSize }: Omit<Subject, 'threads'>): NetworkSpec {
  const { initialiser, parameters } = models[model];
  const modelSettings: ModelSettings = { ...defaultModelSettings, initialiser, norm, width };
  return { model, modelSettings, imageShape: parameters.input, batchSize, float: 'float32' };
}

/** @throws {SettingError} for a network that cannot be trained. */
export function checkSubject(subject: Subject): void {
  const spec = subjectSpec(subject);
  checkModelSettings(models[subject.model], spec.modelSettings);
  buildNetwork(spec, 'train');
}
