/**
 * @file Resize: each output pixel of an axis is a weighted mean of input pixels there, so that resizing an axis is a product
 * with a matrix. Places and weights are those of the operator's definition (ONNX, Resize-13).
 */

import { reshape } from '../../graph/arithmetic.ts';
import type { Value } from '../../graph/graph.ts';
import { elementCount, sizeAt } from '../../graph/tensor-type.ts';
import { other, refusal, type Rules, type Site } from '../site.ts';

interface Axis {
  readonly from: number;
  readonly to: number;
  /** Output over input, as the node states it where it does: `to` may be rounded. */
  readonly scale: number;
}

/** Where the pixel `i` of the output lies in the input. */
function placeOf(site: Site, { from, to, scale }: Axis, i: number): number {
  const mode = site.attributes.string(
    'coordinate_transformation_mode',
    site.node.op === 'Upsample' ? 'asymmetric' : 'half_pixel',
  );
  switch (mode) {
    case 'half_pixel':
      return (i + 0.5) / scale - 0.5;
    case 'pytorch_half_pixel':
      return to > 1 ? (i + 0.5) / scale - 0.5 : 0;
    case 'align_corners':
      if (!Number.isInteger(scale * from))
        throw refusal(site, 'corners that align need a whole number of pixels: ONNX and its runtime differ on others');
      return to > 1 ? (i * (from - 1)) / (to - 1) : 0;
    case 'asymmetric':
      return i / scale;
    default:
      throw refusal(
        site,
        `its coordinates must be by half_pixel, pytorch_half_pixel, align_corners or asymmetric, got ${mode}`,
      );
  }
}

function nearest(site: Site, place: number): number {
  const mode = site.attributes.string('nearest_mode', site.node.op === 'Upsample' ? 'floor' : 'round_prefer_floor');
  switch (mode) {
    case 'floor':
      return Math.floor(place);
    case 'ceil':
      return Math.ceil(place);
    case 'round_prefer_ceil':
      return Math.floor(place + 0.5);
    default:
      return Math.ceil(place - 0.5);
  }
}

/** Keys' cubic at distance d from a pixel. */
function cubic(a: number, d: number): number {
  const x = Math.abs(d);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

/** Weights of the pixels around a place, before those outside are moved to the edge. */
function weightsAt(site: Site, place: number): readonly (readonly [number, number])[] {
  const mode = site.attributes.string('mode', 'nearest');
  const first = Math.floor(place);
  if (mode === 'nearest') return [[nearest(site, place), 1]];
  if (mode === 'linear')
    return [
      [first, 1 - (place - first)],
      [first + 1, place - first],
    ];
  if (mode !== 'cubic') throw refusal(site, `its mode must be nearest, linear or cubic, got ${mode}`);
  const a = site.attributes.float('cubic_coeff_a', -0.75);
  return [-1, 0, 1, 2].map((k) => [first + k, cubic(a, place - first - k)] as const);
}

/** [to, from], row by row. */
function matrixOf(site: Site, axis: Axis): readonly number[] {
  const { from, to } = axis;
  const excludesOutside = site.attributes.int('exclude_outside', 0) !== 0;
  return Array.from({ length: to }, (_, i) => {
    const row = new Float64Array(from);
    const weights = weightsAt(site, placeOf(site, axis, i));
    const used = excludesOutside ? weights.filter(([k]) => k >= 0 && k < from) : weights;
    const total = excludesOutside ? used.reduce((sum, [, weight]) => sum + weight, 0) : 1;
    for (const [k, weight] of used) {
      const inside = Math.min(from - 1, Math.max(0, k));
      row[inside] = (row[inside] ?? 0) + weight / total;
    }
    return [...row];
  }).flat();
}

function resize(site: Site): Value {
  const { g } = site;
  let x = site.value(0);
  const out = site.shapes[0] ?? [];
  if (site.attributes.int('antialias', 0) !== 0) throw refusal(site, 'antialias is not known');
  const stated = site.fixed(site.node.op === 'Upsample' || site.node.inputs.length === 2 ? 1 : 2)?.data;
  for (const [axis, to] of out.entries()) {
    const from = sizeAt(x.shape, axis);
    const scale = stated?.length === out.length ? Number(stated[axis]) : to / from;
    if (from === to && scale === 1) continue;
    const matrix = g.constant(matrixOf(site, { from, to, scale }), [to, from]);
    x = alongAxis(site, x, axis, matrix);
  }
  return x;
}

/** The matrix [to, from] times x along an axis, which comes first while it is multiplied. */
export function alongAxis({ g }: Site, x: Value, axis: number, matrix: Value): Value {
  const others = x.shape.flatMap((_, i) => (i === axis ? [] : [i]));
  const first = g.emit('Transpose', [x], { perm: [axis, ...others] });
  const [from = 1, ...rest] = first.shape;
  const columns = elementCount(rest);
  const product = g.emit('MatMul', [matrix, reshape(g, first, [from, columns])]);
  const back = Array.from({ length: x.shape.length }, (_, i) => (i < axis ? i + 1 : i === axis ? 0 : i));
  return g.emit('Transpose', [reshape(g, product, [sizeAt(matrix.shape, 0), ...rest])], { perm: back });
}

export const resizing: Rules = { Resize: other(resize), Upsample: other(resize) };
