/** @file A diagram: arrows, on them their labels, above them the boxes, and the legend underneath. */

import type { DiagramEdge, DiagramFigure, DiagramNode } from '../../studies/diagram.ts';
import type { Dimensions } from '../figure/size.ts';
import { type Markup, html } from '../markup.ts';
import { px, textBlock } from '../svg/mark.ts';
import type { Box } from '../svg/place.ts';
import { lineHeight } from '../svg/text.ts';
import { colour } from '../theme.ts';
import { arrow } from './arrow.ts';
import { labelLines, type Line, nodeLines } from './boxes.ts';
import { gridLayout } from './grid-layout.ts';
import { layeredLayout } from './layered-layout.ts';
import type { DiagramLayout } from './layout.ts';
import { drawLegend, placeLegend } from './legend.ts';

/** Room for outlines at the edge of the picture, and above the legend, px. */
const MARGIN = 2;
const ABOVE_LEGEND = 26;
/** The legend is not set narrower than this. */
const LEAST_WIDTH = 320;

/** Layouts by figure: the report asks for the size first and for the content after. */
const layouts = new WeakMap<DiagramFigure, DiagramLayout>();

/** At the places that the figure gives, or in layers from top to bottom. */
export function layoutOf(figure: DiagramFigure): DiagramLayout {
  const known = layouts.get(figure);
  if (known !== undefined) return known;
  const placed = figure.nodes.every((node) => node.place !== undefined);
  const made = placed ? gridLayout(figure) : layeredLayout(figure);
  layouts.set(figure, made);
  return made;
}

export function diagramDimensions(figure: DiagramFigure): Dimensions {
  const layout = layoutOf(figure);
  const width = Math.max(layout.width + 2 * MARGIN, LEAST_WIDTH);
  const legend = figure.legend.length === 0 ? 0 : ABOVE_LEGEND + placeLegend(figure.legend, width).height;
  return { width, height: layout.height + 2 * MARGIN + legend };
}

/** The content of the SVG, without title. */
export function drawDiagram(figure: DiagramFigure): Markup {
  const layout = layoutOf(figure);
  const { width } = diagramDimensions(figure);
  const left = Math.max(MARGIN, (width - layout.width) / 2);
  return html`
    <g transform="translate(${px(left)} ${MARGIN})">
      ${layout.edges.map(({ edge, curves }) => arrow(curves, edge.kind))}
      ${layout.edges.map(({ edge, label }) => (label === undefined ? undefined : drawLabel(edge, label)))}
      ${layout.nodes.map(({ node, box }) => drawNode(node, box))}
    </g>
    ${drawLegend(figure.legend, width, layout.height + 2 * MARGIN + ABOVE_LEGEND)}`;
}

function drawNode(node: DiagramNode, box: Box): Markup {
  const outline = node.kind === 'computed' ? 'muted' : 'ink';
  const dashes = node.kind === 'parameter' ? html` stroke-dasharray="4 3"` : undefined;
  const fill = node.kind === 'computed' ? 'paper' : 'zone';
  return html`${frame(box, 7, html` fill="${colour(fill)}" stroke="${colour(outline)}"${dashes}`)}${linesIn(nodeLines(node), box)}`;
}

function drawLabel(edge: DiagramEdge, box: Box): Markup {
  const fill = edge.value === undefined || edge.kind === 'idle' ? 'paper' : 'gradient-zone';
  const title = html`<title>${edge.from} → ${edge.to}</title>`;
  return html`<g>${title}${frame(box, 8, html` fill="${colour(fill)}"`)}${linesIn(labelLines(edge), box)}</g>`;
}

function frame({ left, top, width, height }: Box, radius: number, style: Markup): Markup {
  return html`<rect x="${px(left)}" y="${px(top)}" width="${px(width)}" height="${px(height)}" rx="${radius}"${style}/>`;
}

function linesIn(lines: readonly Line[], { left, top, width, height }: Box): Markup {
  const first = top + height / 2 - ((lines.length - 1) * lineHeight) / 2;
  return html`${lines.map(({ text, tone, size, bold }, i) => {
    const style = { fill: colour(tone), anchor: 'middle', bold, size } as const;
    return textBlock([text], { x: left + width / 2, y: first + i * lineHeight }, style);
  })}`;
}
