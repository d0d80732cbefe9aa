/** @file Marks on a pair of scales, in one panel or several. */
import type { CellMark, PlotFigure } from '../../studies/figure.ts';
import { type Markup, html } from '../markup.ts';
import { textBlock } from '../svg/mark.ts';
import { lineHeight } from '../svg/text.ts';
import { colour } from '../theme.ts';
import { baseAxis, baseLabel, valueAxis, valueLabel } from './axes.ts';
import { type CellColours, cellColours, drawCells } from './cell.ts';
import { colourBarHeight, drawColourBar } from './colour-bar.ts';
import { type Layout, type Panel, layOut } from './layout.ts';
import { besideNames, drawLegend } from './legend.ts';
import { ruleMarks } from './rules.ts';
import { hasValues, rulesOf } from './scales.ts';
import { inPanel } from './series.ts';
import { type Drawing, type FigureSize, dimensions } from './size.ts';
import { drawTrace } from './trace.ts';

/** Between the label of the horizontal axis and a legend, px. */
const ABOVE_LEGEND = 8;

/** The content of the SVG, without title, and how large it is. */
export function drawPlot(figure: PlotFigure, size: FigureSize): Drawing {
  const layout = layOut(figure, size);
  const { panels, legend, frame, bottom } = layout;
  const { width } = dimensions[size];
  const cells = cellsOf(figure);
  const colours = cellColours(cells);
  const legendHeight = legend === undefined || legend.height === 0 ? 0 : ABOVE_LEGEND + legend.height;
  const bar = cells[0]?.colour;
  const room = { left: frame.left, top: bottom + legendHeight, width: frame.width };
  const content = html`
    ${panels.map((panel) => drawPanel(figure, panel, layout, colours))}
    ${valueLabel(layout.yLabel)}
    ${baseLabel(layout.xLabel, frame, layout.depth)}
    ${legend === undefined ? undefined : drawLegend(legend, frame.left, bottom + ABOVE_LEGEND)}
    ${bar === undefined ? undefined : drawColourBar(bar, colours, room)}`;
  const barHeight = bar === undefined ? 0 : colourBarHeight(bar, frame.width);
  return { width, height: bottom + legendHeight + barHeight, content };
}

function drawPanel(figure: PlotFigure, panel: Panel, layout: Layout, colours: CellColours): Markup {
  const { title, name, place } = panel;
  const { frame } = place;
  const isHere = (mark: { readonly panel?: string }): boolean => mark.panel === undefined || mark.panel === name;
  const traces = layout.labelled.map((one) => ({ ...one, ...drawTrace(inPanel(one.series, name), place) }));
  const ink = traces.flatMap((trace) => trace.ink);
  const rules = ruleMarks(rulesOf(figure.marks).filter(isHere), place, frame, ink);
  const cells = cellsOf(figure).filter(isHere);
  const centre = { x: frame.left + frame.width / 2, y: frame.top + frame.height / 2 };
  const nothing = textBlock(['no finite values'], centre, { fill: colour('muted'), anchor: 'middle' });
  const titleAt = { x: frame.left, y: frame.top - 6 - (title.length * lineHeight) / 2 };
  return html`
    ${title.length === 0 ? undefined : textBlock(title, titleAt, { bold: true })}
    ${valueAxis(place.y, frame, { isLabelled: panel.isLeftmost, hasGrid: cells.length === 0 })}
    ${cells.map((mark) => drawCells(mark, figure, colours, place, ink))}
    ${traces.map((trace) => trace.marks)}
    ${rules.lines}
    ${baseAxis(place.x, frame, panel.isLowest)}
    ${rules.labels}
    ${layout.legend === undefined ? besideNames(traces, frame, layout.sample) : undefined}
    ${hasValues(figure) ? undefined : nothing}`;
}

function cellsOf({ marks }: PlotFigure): readonly CellMark[] {
  return marks.filter((mark) => mark.mark === 'cell');
}
