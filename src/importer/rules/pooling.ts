/** @file Pooling over windows. */

import type { Value } from '../../graph/graph.ts';
import { reshape } from '../../graph/arithmetic.ts';
import { sizeAt } from '../../graph/tensor-type.ts';
import { refusal, type Rule, type Rules, type Site } from '../site.ts';
import { windowOf } from '../windows.ts';
import { asImages } from './linear.ts';

const other = (build: Rule['build']): Rule => ({ part: 'other', build });

function maxPool(site: Site): Value {
  const x = asImages(site, site.value(0));
  const kernel = site.attributes.ints('kernel_shape') ?? [];
  const { strides, pads } = windowOf(site, kernel, [sizeAt(x.shape, 2), sizeAt(x.shape, 3)]);
  const [first] = kernel;
  const isSquare = kernel.every((size) => size === first) && strides.every((size) => size === first);
  if (first === undefined || !isSquare || pads.some((size) => size !== 0))
    throw refusal(site, 'windows must be square and side by side');
  return reshape(site.g, site.g.emit('MaxPool', [x], { kernel: first }), site.shapes[0] ?? []);
}

export const pooling: Rules = { MaxPool: other(maxPool) };
