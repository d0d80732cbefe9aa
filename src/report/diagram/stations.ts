/** @file The nodes of a diagram that know their places, each with a slot above or below for every edge. */

import type { DiagramEdge, DiagramFigure, DiagramNode } from '../../studies/diagram.ts';
import type { Dimensions } from '../figure/size.ts';
import type { Point } from '../svg/mark.ts';
import type { Box } from '../svg/place.ts';
import { boxAround, labelSize, nodeSize } from './boxes.ts';

export interface Slot {
  readonly edge: DiagramEdge;
  readonly size: Dimensions;
}

/** A node with the slots of its edges, in the order of the columns that they come from or go to. */
export interface Station {
  readonly node: DiagramNode;
  readonly column: number;
  readonly row: number;
  readonly size: Dimensions;
  readonly above: readonly Slot[];
  readonly below: readonly Slot[];
}

/** The slot of an edge whose label stands at its other end. */
const THREAD: Dimensions = { width: 8, height: 0 };
const BETWEEN_SLOTS = 8;
/** Between neighbours of a row. */
const BESIDE = 14;

export function stationsOf({ nodes, edges }: DiagramFigure): readonly Station[] {
  const columns = new Map(nodes.map((node) => [node.id, node.place?.column ?? 0]));
  const slots = (ends: 'above' | 'below', id: string): readonly Slot[] => {
    const [own, other, end] =
      ends === 'above' ? (['to', 'from', 'target'] as const) : (['from', 'to', 'source'] as const);
    return edges
      .filter((edge) => edge[own] === id)
      .sort((a, b) => (columns.get(a[other]) ?? 0) - (columns.get(b[other]) ?? 0))
      .map((edge) => ({ edge, size: edge.labelled === end ? labelSize(edge) : THREAD }));
  };
  return nodes.map((node) => ({
    node,
    column: node.place?.column ?? 0,
    row: node.place?.row ?? 0,
    size: nodeSize(node),
    above: slots('above', node.id),
    below: slots('below', node.id),
  }));
}

/** The least distance of columns at which no two stations of a row touch. */
export function pitchOf(stations: readonly Station[]): number {
  const wanted = stations.flatMap((a) =>
    stations
      .filter((b) => a.row === b.row && a.column < b.column)
      .map((b) => {
        const pairs = [
          a.size.width + b.size.width,
          slotsWidth(a.above) + slotsWidth(b.above),
          slotsWidth(a.below) + slotsWidth(b.below),
        ];
        return (Math.max(...pairs) / 2 + BESIDE) / (b.column - a.column);
      }),
  );
  return Math.max(0, ...wanted);
}

export function widthOf({ size, above, below }: Station): number {
  return Math.max(size.width, slotsWidth(above), slotsWidth(below));
}

function slotsWidth(slots: readonly Slot[]): number {
  return slots.reduce((sum, slot) => sum + slot.size.width, 0) + BETWEEN_SLOTS * Math.max(0, slots.length - 1);
}

/** The height of the tallest label; 0 where none stands here. */
export function slotsHeight(slots: readonly Slot[]): number {
  return Math.max(0, ...slots.map((slot) => slot.size.height));
}

/** The place of an edge's slot, where the middle of all of them is given. */
export function slotBox(slots: readonly Slot[], edge: DiagramEdge, middle: Point): Box {
  const before = slots.slice(0, slotIndex(slots, edge));
  const left = middle.x - slotsWidth(slots) / 2 + slotsWidth(before) + (before.length > 0 ? BETWEEN_SLOTS : 0);
  const { size } = slots[before.length] ?? { size: THREAD };
  return boxAround({ x: left + size.width / 2, y: middle.y }, size);
}

/** How far from the middle of its side an edge touches a node. */
export function portOffset(slots: readonly Slot[], edge: DiagramEdge, { width }: Dimensions): number {
  const step = Math.min(22, (width - 24) / Math.max(1, slots.length - 1));
  return (slotIndex(slots, edge) - (slots.length - 1) / 2) * step;
}

function slotIndex(slots: readonly Slot[], edge: DiagramEdge): number {
  return slots.findIndex((slot) => slot.edge === edge);
}
