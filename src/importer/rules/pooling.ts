/** @file Pooling over windows. */

import { reshape } from '../../graph/arithmetic.ts';
import type { PoolWindows } from '../../graph/op-attributes.ts';
import type { Value } from '../../graph/graph.ts';
import { sizeAt } from '../../graph/tensor-type.ts';
import { averagePool, ceilWindows } from '../../nn/pool-windows.ts';
import { other, refusal, type Rules, type Site } from '../site.ts';
import { windowOf } from '../windows.ts';
import { asImages } from './linear.ts';

/** The windows as the node states them, and whether a last one may end outside the image. */
function windowsOf(site: Site, x: Value): { readonly windows: PoolWindows; readonly ceilMode: boolean } {
  const { attributes } = site;
  const shape = attributes.ints('kernel_shape') ?? [];
  const [rows = 1, columns] = shape;
  const kernel = columns === undefined ? ([1, rows] as const) : ([rows, columns] as const);
  const { strides, pads, dilations } = windowOf(site, kernel, [sizeAt(x.shape, 2), sizeAt(x.shape, 3)]);
  const isSpread = dilations.some((step) => step !== 1);
  return {
    windows: { kernel, strides, pads, ...(isSpread && { dilations }) },
    ceilMode: attributes.int('ceil_mode', 0) !== 0,
  };
}

/** Side by side and square, as most networks have them, is a form of its own, which is faster. */
function maxPool(site: Site): Value {
  const x = asImages(site, site.value(0));
  const { windows, ceilMode } = windowsOf(site, x);
  const { kernel, strides, pads, dilations } = windows;
  const [k] = kernel;
  const isTiled =
    [...kernel, ...strides].every((size) => size === k) && pads.every((pad) => pad === 0) && dilations === undefined;
  const attrs = isTiled && !ceilMode ? { kernel: k } : ceilMode ? ceilWindows(x.shape, windows) : windows;
  return reshape(site.g, site.g.emit('MaxPool', [x], attrs), site.shapes[0] ?? []);
}

function averages(site: Site): Value {
  const x = asImages(site, site.value(0));
  const { windows, ceilMode } = windowsOf(site, x);
  const countIncludePad = site.attributes.int('count_include_pad', 0) !== 0;
  return reshape(site.g, averagePool(site.g, x, windows, { countIncludePad, ceilMode }), site.shapes[0] ?? []);
}

export const pooling: Rules = {
  MaxPool: other((site) => {
    if (site.attributes.int('storage_order', 0) !== 0) throw refusal(site, 'places by columns are not known');
    return maxPool(site);
  }),
  AveragePool: other(averages),
};
