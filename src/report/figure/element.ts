/** @file A drawing as an SVG element of a page, with its name, its words for those who do not see it, and its colours. */
import type { Figure, PlotFigure } from '../../studies/figure.ts';
import { type Markup, html } from '../markup.ts';
import { px } from '../svg/mark.ts';
import { fontSize } from '../svg/text.ts';
import { colours, sansSerif } from '../theme.ts';
import { drawPlot } from './plot.ts';
import type { Drawing, FigureSize } from './size.ts';

/**
 * Marks on scales as the text of an `<svg>` element, as `drawFigure` gives it: for pages that have no diagrams, and want to
 * load no code that lays them out.
 */
export function drawPlotFigure(figure: PlotFigure, size: FigureSize): string {
  return svgElement(figure, drawPlot(figure, size), size, ownColours()).text;
}

export function svgElement(
  figure: Pick<Figure, 'id' | 'title' | 'caption'>,
  { width, height, content }: Drawing,
  size: FigureSize,
  attributes: Markup,
): Markup {
  const id = inlineId(figure, size);
  return html`
    <svg${attributes} viewBox="0 0 ${width} ${px(height)}" width="${width}" height="${px(height)}" role="img"
      aria-labelledby="${id}-title ${id}-desc" font-size="${fontSize}">
      <title id="${id}-title">${figure.title}</title>
      <desc id="${id}-desc">${figure.caption}</desc>
      <g id="${id}-drawing">${content}</g>
    </svg>`;
}

/** Attributes that bring the colours, by the roles that figures write, for light and dark. */
export function ownColours(): Markup {
  const declarations = Object.entries(colours).map(([role, [light, dark]]) => `--${role}:light-dark(${light},${dark})`);
  return html` style="overflow:visible;${declarations.join(';')}" font-family="${sansSerif}"`;
}

/** Letters, digits and hyphens only: what ids and file names share. */
export function identifier(id: string): string {
  return id.replace(/[^A-Za-z0-9]+/g, '-');
}

export function inlineId({ id }: Pick<Figure, 'id'>, size: FigureSize): string {
  return `${identifier(id)}-${size}`;
}
