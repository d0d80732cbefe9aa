/** @file The text of a diagram's parts, and the room that each takes, px. */

import type { DiagramEdge, DiagramNode } from '../../studies/diagram.ts';
import type { Dimensions } from '../figure/size.ts';
import { formatNumber } from '../format.ts';
import type { Point } from '../svg/mark.ts';
import type { Box } from '../svg/place.ts';
import { fontSize, lineHeight, textWidth } from '../svg/text.ts';

/** A line of a box. */
export interface Line {
  readonly text: string;
  readonly tone: 'ink' | 'muted' | 'gradient-text';
  readonly size: number;
  readonly bold: boolean;
}

/** Formulas and small print, px. */
export const smallSize = 11;

/** Bold letters are this much wider than the estimate. */
const BOLD = 1.08;

export function nodeLines({ label, value, gradient, details }: DiagramNode): readonly Line[] {
  const head = value === undefined ? label : `${label} = ${formatNumber(value)}`;
  const lines: Line[] = [{ text: head, tone: 'ink', size: fontSize, bold: true }];
  for (const text of details) lines.push({ text, tone: 'muted', size: smallSize, bold: false });
  if (gradient !== undefined) {
    const text = `${gradient.label} = ${formatNumber(gradient.value)}`;
    lines.push({ text, tone: 'gradient-text', size: fontSize, bold: false });
  }
  return lines;
}

/** The formula, and under it its number; nothing for a plain arrow. */
export function labelLines({ label, value, kind }: DiagramEdge): readonly Line[] {
  if (label === '') return [];
  const tone = kind === 'idle' || value === undefined ? 'muted' : 'gradient-text';
  const formula: Line = { text: label, tone, size: smallSize, bold: false };
  return value === undefined ? [formula] : [formula, { text: formatNumber(value), tone, size: smallSize, bold: true }];
}

export function nodeSize(node: DiagramNode): Dimensions {
  return sizeOfLines(nodeLines(node), 10, 7);
}

export function labelSize(edge: DiagramEdge): Dimensions {
  return sizeOfLines(labelLines(edge), 5, 2);
}

function sizeOfLines(lines: readonly Line[], padX: number, padY: number): Dimensions {
  if (lines.length === 0) return { width: 0, height: 0 };
  const widths = lines.map(({ text, size, bold }) => textWidth(text, size) * (bold ? BOLD : 1));
  return { width: Math.ceil(Math.max(...widths)) + 2 * padX, height: lines.length * lineHeight + 2 * padY };
}

/** A box of that size around a point. */
export function boxAround({ x, y }: Point, { width, height }: Dimensions): Box {
  return { left: x - width / 2, top: y - height / 2, width, height };
}
