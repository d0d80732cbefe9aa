/** @file How deep a model is, by its name. */

/** 20 of "resnet20". */
export function layersOf(model: string): number {
  return Number(/\d+$/.exec(model)?.[0]);
}
