/** @file What is measured: a network, its norm, its batch and its threads; every engine builds the same one. */

import { type ModelName, models } from '../models/index.ts';
import type { NormName } from '../norms/index.ts';
import { classifier } from '../problems/classifier.ts';
import type { Problem } from '../problems/problem.ts';

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
export function subjectProblem({ model, norm, width }: Omit<Subject, 'threads' | 'batchSize'>): Problem {
  return classifier(model, { input: models[model].parameters.input, norm, width });
}

/** What a process that trains it is started with. */
export interface StepSettings extends Subject {
  /** [C, H, W]. */
  readonly imageShape: readonly [number, number, number];
  readonly classes: number;
}

/** The subject on images of the size that its model was published for. */
export function stepSettings(subject: Subject): StepSettings {
  return { ...subject, imageShape: models[subject.model].parameters.input, classes: 10 };
}

/** @throws {SettingError} for a network that cannot be trained. */
export function checkSubject(subject: Subject): void {
  subjectProblem(subject).build({ mode: 'train', batchSize: subject.batchSize });
}
