/** @file What moves elements and computes none: reshaping, cutting, joining, padding, repeating. */

import { reshape } from '../../graph/arithmetic.ts';
import type { Value } from '../../graph/graph.ts';
import { elementCount, type Shape, sizeAt } from '../../graph/tensor-type.ts';
import { takenAt, takenByData } from './places.ts';
import { axisIn, other, refusal, type Rules, type Site, wholeNumbers } from '../site.ts';

/** Reshape, Flatten, Squeeze and Unsqueeze differ in how they name the shape, which was measured. */
const toMeasuredShape = (site: Site): Value => reshape(site.g, site.value(0), shapeOf(site));

function shapeOf({ shapes }: Site): Shape {
  return shapes[0] ?? [];
}

function transpose(site: Site): Value {
  const x = site.value(0);
  const perm = site.attributes.ints('perm') ?? x.shape.map((_, axis) => x.shape.length - 1 - axis);
  return perm.every((from, axis) => from === axis) ? x : site.g.emit('Transpose', [x], { perm });
}

function concat(site: Site): Value {
  const parts = site.node.inputs.map((_, i) => site.value(i));
  const [first, ...rest] = parts;
  if (first === undefined) throw refusal(site, 'it must join something');
  const axis = axisIn(site.attributes.int('axis', 1), first.shape.length);
  return rest.length === 0 ? first : site.g.emit('Concat', [first, ...rest], { axis });
}

function split(site: Site): readonly Value[] {
  const x = site.value(0);
  const axis = axisIn(site.attributes.int('axis', 0), x.shape.length);
  let start = 0;
  return site.shapes.map((shape) => {
    const end = start + sizeAt(shape, axis);
    const part = site.g.emit('Slice', [x], { axis, start, end });
    start = end;
    return part;
  });
}

/** Up to opset 9 by attributes, by operands since; a stride is taken by folding the axis. */
function slice(site: Site): Value {
  const { attributes } = site;
  let x = site.value(0);
  const rank = x.shape.length;
  const starts = attributes.ints('starts') ?? wholeNumbers(site, 1, 'start') ?? [];
  const ends = attributes.ints('ends') ?? wholeNumbers(site, 2, 'end') ?? [];
  const axes = attributes.ints('axes') ?? wholeNumbers(site, 3, 'axes') ?? starts.map((_, axis) => axis);
  const steps = wholeNumbers(site, 4, 'steps') ?? starts.map(() => 1);
  for (const [i, given] of axes.entries()) {
    const axis = axisIn(given, rank);
    const size = sizeAt(x.shape, axis);
    const step = steps[i] ?? 1;
    // Backwards the last place is the first, and what lies before the first is the end.
    const [least, most] = step > 0 ? [0, size] : [-1, size - 1];
    const within = (place: number): number => Math.min(most, Math.max(least, place < 0 ? place + size : place));
    const [start, end] = [within(starts[i] ?? 0), within(ends[i] ?? size)];
    x =
      step > 0
        ? strided(site, x, { axis, start, end, step })
        : takenAt(
            site,
            x,
            axis,
            Array.from({ length: Math.max(0, Math.ceil((end - start) / step)) }, (_, k) => start + k * step),
          );
  }
  return x;
}

interface Cut {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** Every step-th of a range: the first column of the axis folded into rows of `step`; what is lacking there is cut short. */
function strided({ g }: Site, x: Value, { axis, start, end, step }: Cut): Value {
  const cut = (value: Value, from: number, to: number, along = axis): Value =>
    from === 0 && to === sizeAt(value.shape, along)
      ? value
      : g.emit('Slice', [value], { axis: along, start: from, end: to });
  if (step === 1) return cut(x, start, end);
  const count = Math.ceil((end - start) / step);
  const whole = Math.floor((end - start) / step);
  const parts: Value[] = [];
  if (whole > 0) {
    const rows = cut(x, start, start + whole * step);
    const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
    const folded = reshape(g, rows, [...before, whole, step, ...after]);
    parts.push(reshape(g, cut(folded, 0, 1, axis + 1), [...before, whole, ...after]));
  }
  if (count > whole) parts.push(cut(x, start + whole * step, start + whole * step + 1));
  const [first, ...rest] = parts as [Value, ...Value[]];
  return rest.length === 0 ? first : g.emit('Concat', [first, ...rest], { axis });
}

/** A table that is known beforehand, of which the data says what is taken, is learnt: an embedding. */
function gather(site: Site): Value {
  const table = site.fixed(0);
  const x =
    table?.isFloat === true
      ? site.parameter('weight', table.shape, () => Float32Array.from(table.data))
      : site.value(0);
  const axis = axisIn(site.attributes.int('axis', 0), x.shape.length);
  const fixed = site.fixed(1);
  if (fixed === undefined) return takenByData(site, x, axis, site.value(1));
  const size = sizeAt(x.shape, axis);
  const places = Array.from(fixed.data, (place) => (place < 0 ? place + size : place));
  return reshape(site.g, takenAt(site, x, axis, places), shapeOf(site));
}

/** Zeros, or another constant, or the image mirrored. */
function pad(site: Site): Value {
  const { attributes, g } = site;
  let x = site.value(0);
  const rank = x.shape.length;
  const pads = attributes.ints('pads') ?? wholeNumbers(site, 1, 'padding') ?? [];
  const mode = attributes.string('mode', 'constant');
  const fill = site.has(2) ? Number(site.fixed(2)?.data[0] ?? 0) : attributes.float('value', 0);
  const axes = wholeNumbers(site, 3, 'axes')?.map((axis) => axisIn(axis, rank)) ?? x.shape.map((_, axis) => axis);
  for (const [i, axis] of axes.entries()) {
    const [before, after] = [pads[i] ?? 0, pads[i + axes.length] ?? 0];
    const size = sizeAt(x.shape, axis);
    const cut = (start: number, end: number): Value => g.emit('Slice', [x], { axis, start, end });
    if (before < 0 || after < 0) {
      x = cut(Math.max(0, -before), size - Math.max(0, -after));
      if (before <= 0 && after <= 0) continue;
    }
    const side = (count: number, mirrored: (k: number) => number): readonly Value[] => {
      if (count <= 0) return [];
      if (mode === 'constant')
        return [g.emit('Expand', [g.constant(fill)], { shape: x.shape.map((n, a) => (a === axis ? count : n)) })];
      return Array.from({ length: count }, (_, k) => cut(mirrored(k), mirrored(k) + 1));
    };
    const [low, high] =
      mode === 'edge' ? [() => 0, () => size - 1] : [(k: number) => before - k, (k: number) => size - 2 - k];
    const parts = [...side(before, low), x, ...side(after, high)] as [Value, ...Value[]];
    if (parts.length > 1) x = g.emit('Concat', parts, { axis });
  }
  return x;
}

function expand(site: Site): Value {
  const shape = shapeOf(site);
  return site.g.emit('Expand', [site.value(0)], { shape });
}

/** [N, C r², H, W] ↔ [N, C, H r, W r], by the two orders that ONNX knows. */
function depthToSpace(site: Site): Value {
  const { g, attributes } = site;
  const x = site.value(0);
  const r = attributes.int('blocksize', 1);
  const [n = 1, c = 1, h = 1, w = 1] = x.shape;
  const k = c / (r * r);
  const isColumnFirst = attributes.string('mode', 'DCR') === 'CRD';
  const split = reshape(g, x, isColumnFirst ? [n, k, r, r, h, w] : [n, r, r, k, h, w]);
  const perm = isColumnFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2];
  return reshape(g, g.emit('Transpose', [split], { perm }), [n, k, h * r, w * r]);
}

function spaceToDepth(site: Site): Value {
  const { g, attributes } = site;
  const x = site.value(0);
  const r = attributes.int('blocksize', 1);
  const [n = 1, c = 1, h = 1, w = 1] = x.shape;
  const split = reshape(g, x, [n, c, h / r, r, w / r, r]);
  return reshape(g, g.emit('Transpose', [split], { perm: [0, 3, 5, 1, 2, 4] }), [n, c * r * r, h / r, w / r]);
}

function tile(site: Site): Value {
  const { g } = site;
  const x = site.value(0);
  const out = shapeOf(site);
  const spread = x.shape.flatMap((size) => [1, size]);
  const wide = g.emit('Expand', [reshape(g, x, spread)], {
    shape: x.shape.flatMap((size, axis) => [sizeAt(out, axis) / size, size]),
  });
  if (elementCount(wide.shape) !== elementCount(out)) throw refusal(site, 'its repeats must be known');
  return reshape(g, wide, out);
}

export const shapeRules: Rules = {
  Reshape: other(toMeasuredShape),
  Flatten: other(toMeasuredShape),
  Squeeze: other(toMeasuredShape),
  Unsqueeze: other(toMeasuredShape),
  Transpose: other(transpose),
  Concat: other(concat),
  Split: other(split),
  Slice: other(slice),
  Gather: other(gather),
  Pad: other(pad),
  Expand: other(expand),
  Tile: other(tile),
  DepthToSpace: other(depthToSpace),
  SpaceToDepth: other(spaceToDepth),
};
