/** @file A model of the registry as the subject of a diagnosis, with weights of a file, of a run, or untrained. */

import { readFileSync } from 'node:fs';
import type { Examples } from '../../data/examples.ts';
import type { Scaling } from '../../data/scalings.ts';
import type { Instruments } from '../../diagnosis/instruments.ts';
import type { State, Subject } from '../../diagnosis/subject.ts';
import { DataError } from '../../errors.ts';
import { type ModelName } from '../../models/index.ts';
import { normName } from '../../norms/index.ts';
import { classifier } from '../../problems/classifier.ts';
import { withStorageErrors } from '../../records/node/storage-errors.ts';
import { decodeSafetensors, type StoredTensor } from '../../records/safetensors.ts';

export interface ModelOptions {
  readonly norm: string;
  readonly width: number;
}

/** A model of the registry for what the data are, with the same without norms beside it. */
export function subjectOf(model: ModelName, { norm, width }: ModelOptions, data: Examples, scaling: Scaling): Subject {
  const settings = { input: data.shape, classes: data.classes, width };
  const name = normName(norm);
  return {
    name: `${model}, norm ${name}`,
    problem: classifier(model, { ...settings, norm: name }),
    variant: name === 'none' ? undefined : classifier(model, { ...settings, norm: 'none' }),
    data,
    scaling,
  };
}

/** What a file of weights holds, or what the problem starts from. */
export function stateOf(instruments: Instruments, file: string | undefined): State {
  if (file === undefined) return instruments.initial;
  const bytes = withStorageErrors('read', file, () => readFileSync(file));
  return stateIn(instruments, decodeSafetensors(bytes, file).tensors, file);
}

/** By the model's own names. @throws {DataError} where something is missing or of another size. */
export function stateIn({ initial }: Instruments, tensors: ReadonlyMap<string, StoredTensor>, where: string): State {
  return new Map(
    [...initial].map(([name, { length }]) => {
      const found = tensors.get(name);
      if (found?.data.length === length && found.dtype === 'float32') return [name, found.data];
      const got =
        found === undefined ? [...tensors.keys()].slice(0, 6).join(', ') : `${found.dtype} [${found.shape.join(', ')}]`;
      throw new DataError(
        `${where} must hold '${name}' of ${length} float32 numbers, got ${got}; name the model and width that it was trained with`,
      );
    }),
  );
}
