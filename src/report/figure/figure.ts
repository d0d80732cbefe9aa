/** @file One figure as an SVG element: for a page, whose colours it takes, or as a file that stands alone. */
import { diagramDimensions, drawDiagram } from '../diagram/diagram.ts';
import type { Figure } from '../../studies/figure.ts';
import { Markup, html } from '../markup.ts';
import { px, textBlock } from '../svg/mark.ts';
import { fontSize, wrapText } from '../svg/text.ts';
import { colour, colours, sansSerif } from '../theme.ts';
import { drawEffects, effectsDimensions } from './effects.ts';
import { drawPanel } from './panel.ts';
import { type Dimensions, type FigureSize, dimensions } from './size.ts';

export interface FigureOptions {
  /** `wide` when omitted. */
  readonly size?: FigureSize;
}

/** An `<svg>` element for a page that defines the colours (`colourDeclarations`). Its ids are unique by figure and size. */
export function inlineFigure(figure: Figure, size: FigureSize): Markup {
  const { width, height } = sizeOf(figure, size);
  const id = inlineId(figure, size);
  return html`
    <svg class="${size}" viewBox="0 0 ${width} ${px(height)}" width="${width}" height="${px(height)}" role="img"
      aria-labelledby="${id}-title ${id}-desc" font-size="${fontSize}">
      <title id="${id}-title">${figure.title}</title>
      <desc id="${id}-desc">${figure.caption}</desc>
      <g id="${id}-drawing">${contentOf(figure, size)}</g>
    </svg>`;
}

/** The drawing of a figure that stands elsewhere on the page in size `panel`, once more. It has no words of its own. */
export function repeatedFigure(figure: Figure): Markup {
  const { width, height } = sizeOf(figure, 'panel');
  return html`
    <svg viewBox="0 0 ${width} ${px(height)}" aria-hidden="true" font-size="${fontSize}">
      <use href="#${inlineId(figure, 'panel')}-drawing"/>
    </svg>`;
}

/**
 * A figure as the text of an SVG file, titled, on a background of its own. Colours are written out, so that every
 * program draws them, and replaced by those for dark where the reader prefers it.
 */
export function renderFigure(figure: Figure, options: FigureOptions = {}): string {
  const size = options.size ?? 'wide';
  const inner = sizeOf(figure, size);
  const pad = 16;
  const titleSize = 15;
  const lines = wrapText(figure.title, inner.width, titleSize);
  const titleHeight = lines.length * 19 + 12;
  const width = inner.width + 2 * pad;
  const height = px(inner.height + titleHeight + 2 * pad);
  const title = textBlock(lines, { x: 0, y: (lines.length * 19) / 2 }, { bold: true, size: titleSize });
  const svg = html`
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"
      role="img" aria-labelledby="title desc" font-family="${sansSerif}" font-size="${fontSize}">
      <title id="title">${figure.title}</title>
      <desc id="desc">${figure.caption}</desc>
      <style>${darkStyle()}</style>
      <rect width="${width}" height="${height}" fill="${colour('paper')}"/>
      <g transform="translate(${pad} ${pad})">${title}</g>
      <g transform="translate(${pad} ${pad + titleHeight})">${contentOf(figure, size)}</g>
    </svg>`;
  return Object.entries(colours).reduce(
    (text, [role, [light]]) => text.replaceAll(`"var(--${role})"`, `"${light}"`),
    `${svg.text}\n`,
  );
}

/** Letters, digits and hyphens only: what ids and file names share. */
export function identifier(id: string): string {
  return id.replace(/[^A-Za-z0-9]+/g, '-');
}

function inlineId(figure: Figure, size: FigureSize): string {
  return `${identifier(figure.id)}-${size}`;
}

function contentOf(figure: Figure, size: FigureSize): Markup {
  if (figure.view === 'diagram') return drawDiagram(figure);
  return figure.view === 'effects' ? drawEffects(figure, size) : drawPanel(figure, size);
}

function sizeOf(figure: Figure, size: FigureSize): Dimensions {
  if (figure.view === 'diagram') return diagramDimensions(figure);
  return figure.view === 'effects' ? effectsDimensions(figure, size) : dimensions[size];
}

function darkStyle(): Markup {
  const rules = Object.values(colours).map(
    ([light, dark]) => `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`,
  );
  return new Markup(`@media (prefers-color-scheme:dark){${rules.join('')}}`);
}
