/** @file Elements of an axis by their places, known beforehand or computed from what is fed. */

import { add, mul, reshape } from '../../graph/arithmetic.ts';
import type { Value } from '../../graph/graph.ts';
import { elementCount, sizeAt } from '../../graph/tensor-type.ts';
import { refusal, type Site } from '../site.ts';
import { positive } from './logic.ts';
import { alongAxis } from './resize.ts';

/** Runs of neighbours up to this many are cut and joined; of more, a matrix of ones and zeros takes them. */
const MOST_RUNS = 16;
/** Of such a matrix: 64 MB of float32. */
const MOST_CELLS = 16_777_216;

/** What of x lies at these places of an axis, in their order. */
export function takenAt(site: Site, x: Value, axis: number, places: readonly number[]): Value {
  const { g } = site;
  const size = sizeAt(x.shape, axis);
  if (places.length === 0 || places.some((place) => place < 0 || place >= size))
    throw refusal(site, `it must take something that lies in 0 … ${size - 1}`);
  const runs = runsOf(places);
  if (runs.length > MOST_RUNS) {
    requireCells(site, places.length * size);
    const matrix = places.flatMap((place) => Array.from({ length: size }, (_, k) => (k === place ? 1 : 0)));
    return alongAxis(site, x, axis, g.constant(matrix, [places.length, size]));
  }
  const [first, ...rest] = runs.map(({ start, end }) =>
    start === 0 && end === size ? x : g.emit('Slice', [x], { axis, start, end }),
  ) as [Value, ...Value[]];
  return rest.length === 0 ? first : g.emit('Concat', [first, ...rest], { axis });
}

interface Run {
  readonly start: number;
  readonly end: number;
}

function runsOf(places: readonly number[]): readonly Run[] {
  const runs: Run[] = [];
  for (const place of places) {
    const last = runs.at(-1);
    if (last?.end === place) runs[runs.length - 1] = { start: last.start, end: place + 1 };
    else runs.push({ start: place, end: place + 1 });
  }
  return runs;
}

/**
 * The same where the places are computed, [..], which take the place of the axis: a row of ones and zeros per place, times x with the
 * axis in front. What x is made of gets gradients; the places do not.
 */
export function takenByData(site: Site, x: Value, axis: number, places: Value): Value {
  const { g } = site;
  const size = sizeAt(x.shape, axis);
  const count = elementCount(places.shape);
  requireCells(site, count * size);
  const fromFront = add(g, places, mul(g, positive(g, g.emit('Neg', [places])), size));
  const axisOfPlaces = g.constant(
    Array.from({ length: size }, (_, k) => k),
    [1, size],
  );
  const hits = g.emit('Cast', [g.emit('Equal', [reshape(g, fromFront, [count, 1]), axisOfPlaces])], { to: g.float });
  const others = x.shape.flatMap((_, i) => (i === axis ? [] : [i]));
  const front = g.emit('Transpose', [x], { perm: [axis, ...others] });
  const rest = front.shape.slice(1);
  const rows = g.emit('MatMul', [hits, reshape(g, front, [size, elementCount(rest)])]);
  const rank = places.shape.length;
  const order = [...x.shape.keys()].flatMap((i): readonly number[] =>
    i < axis ? [rank + i] : i === axis ? Array.from({ length: rank }, (_, k) => k) : [rank + i - 1],
  );
  return g.emit('Transpose', [reshape(g, rows, [...places.shape, ...rest])], { perm: order });
}

function requireCells(site: Site, cells: number): void {
  if (cells <= MOST_CELLS) return;
  throw refusal(site, `places times sizes must be at most ${MOST_CELLS}, got ${cells}: cut the network behind it`);
}
