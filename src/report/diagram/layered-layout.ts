/**
 * @file The layout of a diagram whose nodes have no places: in layers from top to bottom, by dagre. The backward pass
 * has a column of its own, which runs upwards, beside what it differentiates.
 */

import { type EdgeLabel, Graph, type GraphLabel, layout, type NodeLabel } from '@dagrejs/dagre';
import type { DiagramEdge, DiagramFigure, DiagramNode } from '../../studies/diagram.ts';
import type { Dimensions } from '../figure/size.ts';
import type { Point } from '../svg/mark.ts';
import type { Box } from '../svg/place.ts';
import { boxAround, labelSize, nodeSize } from './boxes.ts';
import { type Curve, curvesThrough, type DiagramLayout, type PlacedEdge } from './layout.ts';

/** Between neighbours, between edges side by side, and between layers, of which a label is one: px. */
const spacing = { nodesep: 24, edgesep: 14, ranksep: 26 } as const;
const BETWEEN_COLUMNS = 110;
/** Edges keep off the corners of boxes. */
const CORNER = 12;

interface Column extends Dimensions {
  readonly boxes: ReadonlyMap<string, Box>;
  readonly edges: ReadonlyMap<DiagramEdge, Omit<PlacedEdge, 'edge'>>;
}

/** Takes a few seconds for hundreds of nodes, and grows somewhat faster than their number. */
export function layeredLayout({ nodes, edges }: DiagramFigure): DiagramLayout {
  const forward = layOut(
    nodes.filter((node) => node.isBackward !== true),
    edges,
  );
  const backward = layOut(
    nodes.filter((node) => node.isBackward === true),
    edges,
  );
  const apart = forward.width > 0 && backward.width > 0 ? BETWEEN_COLUMNS : 0;
  const down = offsetOf(forward, backward, edges);
  const [forwardAt, backwardAt] = [
    { x: 0, y: Math.max(0, -down) },
    { x: forward.width + apart, y: Math.max(0, down) },
  ];
  const boxes = new Map([...shifted(forward, forwardAt), ...shifted(backward, backwardAt)]);
  return {
    width: Math.ceil(backwardAt.x + backward.width),
    height: Math.ceil(Math.max(forwardAt.y + forward.height, backwardAt.y + backward.height)),
    nodes: nodes.map((node) => ({ node, box: boxOf(boxes, node.id) })),
    edges: edges.map((edge): PlacedEdge => {
      const column = forward.edges.has(edge) ? forward : backward;
      const inside = column.edges.get(edge);
      if (inside !== undefined) return { edge, ...moved(inside, column === forward ? forwardAt : backwardAt) };
      return { edge, label: undefined, curves: [across(boxOf(boxes, edge.from), boxOf(boxes, edge.to))] };
    }),
  };
}

/** A part of the diagram by itself, with the edges that begin and end in it. */
function layOut(nodes: readonly DiagramNode[], edges: readonly DiagramEdge[]): Column {
  const ids = new Set(nodes.map(({ id }) => id));
  const inside = edges.filter(({ from, to }) => ids.has(from) && ids.has(to));
  const graph: InstanceType<typeof Graph<GraphLabel, NodeLabel, EdgeLabel>> = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'TB', ...spacing });
  for (const node of nodes) graph.setNode(node.id, { ...nodeSize(node) });
  inside.forEach((edge, i) => graph.setEdge(...downwards(edge), { ...labelSize(edge), labelpos: 'c' }, String(i)));
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  const boxes = new Map(
    nodes.map(({ id }) => {
      const { x = 0, y = 0, width: across, height: tall } = graph.node(id);
      return [id, boxAround({ x, y }, { width: across, height: tall })];
    }),
  );
  const placed = inside.map((edge, i) => {
    const [upper, lower] = downwards(edge);
    const { points: bends = [], x = 0, y = 0 } = graph.edge(upper, lower, String(i));
    const points = docked(bends, boxOf(boxes, upper), boxOf(boxes, lower));
    const size = labelSize(edge);
    const label = size.height > 0 ? boxAround({ x, y }, size) : undefined;
    return [edge, { label, curves: curvesThrough(edge.kind === 'backward' ? points.toReversed() : points) }] as const;
  });
  return nodes.length === 0
    ? { width: 0, height: 0, boxes, edges: new Map() }
    : { width, height, boxes, edges: new Map(placed) };
}

/** Dagre lets edges begin and end anywhere on an outline; here they leave at the bottom and arrive at the top. */
function docked(bends: readonly Point[], upper: Box, lower: Box): readonly Point[] {
  const within = ({ left, width }: Box, x = left + width / 2): number =>
    Math.max(left + CORNER, Math.min(x, left + width - CORNER));
  return [
    { x: within(upper, bends[0]?.x), y: upper.top + upper.height },
    ...bends.slice(1, -1),
    { x: within(lower, bends.at(-1)?.x), y: lower.top },
  ];
}

/** The ends of an edge, the upper first. */
function downwards({ from, to, kind }: DiagramEdge): readonly [string, string] {
  return kind === 'backward' ? [to, from] : [from, to];
}

/** How far the backward column must go down for the edges between the columns to be level on average. */
function offsetOf(forward: Column, backward: Column, edges: readonly DiagramEdge[]): number {
  const drops = edges.flatMap(({ from, to }) => {
    const [start, end] = [forward.boxes.get(from), backward.boxes.get(to)];
    return start === undefined || end === undefined ? [] : [middleOf(start) - middleOf(end)];
  });
  return drops.length === 0 ? 0 : drops.reduce((sum, drop) => sum + drop, 0) / drops.length;
}

function middleOf({ top, height }: Box): number {
  return top + height / 2;
}

/** From the side of one box to the facing side of another in the next column. */
function across(from: Box, to: Box): Curve {
  const [start, end] = [
    { x: from.left + from.width, y: middleOf(from) },
    { x: to.left, y: middleOf(to) },
  ];
  const middle = (start.x + end.x) / 2;
  return [start, { x: middle, y: start.y }, { x: middle, y: end.y }, end];
}

function movedBox(box: Box, by: Point): Box {
  return { ...box, left: box.left + by.x, top: box.top + by.y };
}

function shifted({ boxes }: Column, by: Point): readonly (readonly [string, Box])[] {
  return [...boxes].map(([id, box]) => [id, movedBox(box, by)]);
}

function moved({ label, curves }: Omit<PlacedEdge, 'edge'>, by: Point): Omit<PlacedEdge, 'edge'> {
  const move = ({ x, y }: Point): Point => ({ x: x + by.x, y: y + by.y });
  return {
    label: label && movedBox(label, by),
    curves: curves.map(([a, b, c, d]) => [move(a), move(b), move(c), move(d)]),
  };
}

function boxOf(boxes: ReadonlyMap<string, Box>, id: string): Box {
  const box = boxes.get(id);
  if (box === undefined) throw new RangeError(`Edges must join nodes of their diagram, got '${id}'`);
  return box;
}
