/** @file The registry of models. */

import { unknownName } from '../errors.ts';
import { mlp } from './mlp.ts';
import type { Model } from './model.ts';
import { resnet } from './resnet.ts';
import { vgg } from './vgg.ts';

export type ModelName =
  | 'mlp'
  | 'vgg11'
  | 'vgg13'
  | 'vgg16'
  | 'vgg19'
  | 'resnet20'
  | 'resnet32'
  | 'resnet44'
  | 'resnet56'
  | 'resnet110';

export const models: Readonly<Record<ModelName, Model>> = {
  mlp,
  vgg11: vgg([1, 1, 2, 2, 2], 9_231_114),
  vgg13: vgg([2, 2, 2, 2, 2], 9_416_010),
  vgg16: vgg([2, 2, 3, 3, 3], 14_728_266),
  vgg19: vgg([2, 2, 4, 4, 4], 20_040_522),
  resnet20: resnet(20, 269_722),
  resnet32: resnet(32, 464_154),
  resnet44: resnet(44, 658_586),
  resnet56: resnet(56, 853_018),
  resnet110: resnet(110, 1_727_962),
};

/** @throws {SettingError} with the nearest known name. */
export function modelName(name: string): ModelName {
  if (isModelName(name)) return name;
  throw unknownName('model', name, Object.keys(models));
}

export function isModelName(name: string): name is ModelName {
  return Object.hasOwn(models, name);
}
