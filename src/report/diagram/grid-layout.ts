/**
 * @file The layout of a diagram whose nodes know their columns and rows. Every label has a slot of its own next to its
 * node, so that labels never touch. An edge changes column once, in the gap between rows that is next to its label, and
 * runs straight everywhere else.
 */

import type { DiagramEdge, DiagramFigure } from '../../studies/diagram.ts';
import type { Point } from '../svg/mark.ts';
import type { Box } from '../svg/place.ts';
import { boxAround } from './boxes.ts';
import { curvesThrough, type DiagramLayout, type PlacedEdge } from './layout.ts';
import { pitchOf, portOffset, slotBox, slotsHeight, type Station, stationsOf, widthOf } from './stations.ts';

/** Between a node and its labels, px. */
const TO_LABELS = 18;
/** The least height of a gap between rows, and what each edge that arrives adds, lest they be too flat. */
const GAP = 44;
const GAP_PER_EDGE = 4;

/** Heights in px, from the top of the diagram. */
interface Row {
  readonly index: number;
  readonly top: number;
  /** The middles of the labels above the nodes, of the nodes, and of the labels below. */
  readonly above: number;
  readonly nodes: number;
  readonly below: number;
  readonly bottom: number;
  readonly aboveHeight: number;
  readonly belowHeight: number;
}

/** @throws {RangeError} where an edge joins what is not in the diagram. */
export function gridLayout(figure: DiagramFigure): DiagramLayout {
  const stations = stationsOf(figure);
  const pitch = pitchOf(stations);
  const left = Math.min(...stations.map((station) => station.column * pitch - widthOf(station) / 2));
  const right = Math.max(...stations.map((station) => station.column * pitch + widthOf(station) / 2));
  const rows = rowsOf(stations);
  const columnAt = (station: Station): number => station.column * pitch - left;
  const find = (id: string): Station => {
    const found = stations.find((station) => station.node.id === id);
    if (found === undefined) throw new RangeError(`Edges must join nodes of their diagram, got '${id}'`);
    return found;
  };
  return {
    width: Math.ceil(right - left),
    height: Math.ceil(rows.at(-1)?.bottom ?? 0),
    nodes: stations.map((station) => {
      const middle = { x: columnAt(station), y: rowOf(rows, station).nodes };
      return { node: station.node, box: boxAround(middle, station.size) };
    }),
    edges: figure.edges.map((edge) => placeEdge(edge, find(edge.from), find(edge.to), columnAt, rows)),
  };
}

function rowsOf(stations: readonly Station[]): readonly Row[] {
  const rows: Row[] = [];
  for (const index of [...new Set(stations.map((station) => station.row))].sort((a, b) => a - b)) {
    const members = stations.filter((station) => station.row === index);
    const above = Math.max(...members.map((station) => slotsHeight(station.above)));
    const own = Math.max(...members.map((station) => station.size.height));
    const below = Math.max(...members.map((station) => slotsHeight(station.below)));
    const arriving = members.reduce((sum, station) => sum + station.above.length, 0);
    const last = rows.at(-1);
    const top = last === undefined ? 0 : last.bottom + GAP + GAP_PER_EDGE * Math.min(arriving, 12);
    const nodesTop = top + (above > 0 ? above + TO_LABELS : 0);
    const nodesBottom = nodesTop + own;
    const bottom = nodesBottom + (below > 0 ? TO_LABELS + below : 0);
    rows.push({
      index,
      top,
      above: top + above / 2,
      nodes: nodesTop + own / 2,
      below: bottom - below / 2,
      bottom,
      aboveHeight: above,
      belowHeight: below,
    });
  }
  return rows;
}

function rowOf(rows: readonly Row[], { row }: Station): Row {
  const found = rows.find(({ index }) => index === row);
  if (found === undefined) throw new RangeError(`A diagram has no row ${row}`);
  return found;
}

function placeEdge(
  edge: DiagramEdge,
  source: Station,
  target: Station,
  columnAt: (station: Station) => number,
  rows: readonly Row[],
): PlacedEdge {
  const [from, to] = [rowOf(rows, source), rowOf(rows, target)];
  const [fromX, toX] = [columnAt(source), columnAt(target)];
  const start = { x: fromX + portOffset(source.below, edge, source.size), y: from.nodes + source.size.height / 2 };
  const end = { x: toX + portOffset(target.above, edge, target.size), y: to.nodes - target.size.height / 2 };
  const leaving = slotBox(source.below, edge, { x: fromX, y: from.below });
  const arriving = slotBox(target.above, edge, { x: toX, y: to.above });
  // Where no label stands at an end, edges run straight into the node.
  const leave = slotsHeight(source.below) > 0 ? [start, ...through(leaving, from.belowHeight)] : [start];
  const arrive = slotsHeight(target.above) > 0 ? [...through(arriving, to.aboveHeight), end] : [end];
  const between = rows.filter(({ index }) => index > source.row && index < target.row);
  const last = leave.at(-1) ?? start;
  const [first] = arrive;
  const points = [...leave, ...turns(edge, last, first ?? end, between), ...arrive];
  return { edge, label: edge.labelled === 'source' ? leaving : arriving, curves: curvesThrough(points) };
}

/** Where an edge that passes rows begins or ends its run past them. */
function turns(edge: DiagramEdge, from: Point, to: Point, passed: readonly Row[]): readonly Point[] {
  const [first, last] = [passed[0], passed.at(-1)];
  if (first === undefined || last === undefined) return [];
  return [edge.labelled === 'source' ? { x: to.x, y: first.top } : { x: from.x, y: last.bottom }];
}

/** The points at which an edge enters and leaves its slot: straight down past all labels of the row. */
function through({ left, top, width, height }: Box, rowHeight: number): readonly Point[] {
  const x = left + width / 2;
  const middle = top + height / 2;
  return [
    { x, y: middle - rowHeight / 2 },
    { x, y: middle + rowHeight / 2 },
  ];
}
