/** @file Where the parts of a diagram stand, in px, however that was worked out. */

import type { DiagramEdge, DiagramNode } from '../../studies/diagram.ts';
import type { Dimensions } from '../figure/size.ts';
import type { Point } from '../svg/mark.ts';
import type { Box } from '../svg/place.ts';

/** A cubic Bézier curve, from the first point to the last. */
export type Curve = readonly [Point, Point, Point, Point];

export interface PlacedEdge {
  readonly edge: DiagramEdge;
  /** Undefined for a plain arrow. */
  readonly label: Box | undefined;
  /** From node to node, through the label. */
  readonly curves: readonly Curve[];
}

export interface DiagramLayout extends Dimensions {
  readonly nodes: readonly { readonly node: DiagramNode; readonly box: Box }[];
  readonly edges: readonly PlacedEdge[];
}

/** Curves through points, in order, that leave and enter each of them vertically. */
export function curvesThrough(points: readonly Point[]): readonly Curve[] {
  return points.slice(1).map((to, i) => {
    const from = points[i] ?? to;
    const middle = (from.y + to.y) / 2;
    return [from, { x: from.x, y: middle }, { x: to.x, y: middle }, to];
  });
}
