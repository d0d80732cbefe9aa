/** @file One figure as an SVG element: for a page, whose colours it takes, or as a file that stands alone. */
import { diagramDimensions, drawDiagram } from '../diagram/diagram.ts';
import type { Figure } from '../../studies/figure.ts';
import { Markup, html } from '../markup.ts';
import { px, textBlock } from '../svg/mark.ts';
import { fontSize, wrapText } from '../svg/text.ts';
import { colour, colours, sansSerif } from '../theme.ts';
import { drawEffects } from './effects.ts';
import { inlineId, ownColours, svgElement } from './element.ts';
import { drawPlot } from './plot.ts';
import type { Dimensions, Drawing, FigureSize } from './size.ts';

export interface FigureOptions {
  /** `wide` when omitted. */
  readonly size?: FigureSize;
}

/** An `<svg>` element for a page that defines the colours (`colourDeclarations`). Its ids are unique by figure and size. */
export function inlineFigure(figure: Figure, size: FigureSize): Markup {
  return svgOf(figure, size, html` class="${size}"`);
}

/**
 * A figure as the text of an `<svg>` element for a page of one's own. It is a pure function of plain data and takes a few
 * milliseconds, so that a page can draw what is still growing many times a second. The colours follow the page's
 * `color-scheme`; the element's ids begin with the figure's id, which no other figure of the page may have.
 *
 * @example
 * const figure: PlotFigure = {
 *   id: 'loss',
 *   title: 'Loss',
 *   caption: 'Of the mini-batches.',
 *   x: { label: 'step', unit: '', scale: 'linear' },
 *   y: { label: 'cross-entropy', unit: 'nats', scale: 'log' },
 *   marks: [{ mark: 'line', arm: 'batch', x: [0, 1, 2], y: [2.3, 1.1, 0.7] }],
 * };
 * const svg = drawFigure(figure, { size: 'panel' });
 * // In a page: element.innerHTML = svg;
 * if (!svg.startsWith('<svg')) throw new Error('this is no picture');
 */
export function drawFigure(figure: Figure, options: FigureOptions = {}): string {
  return svgOf(figure, options.size ?? 'wide', ownColours()).text;
}

function svgOf(figure: Figure, size: FigureSize, attributes: Markup): Markup {
  return svgElement(figure, drawingOf(figure, size), size, attributes);
}

/**
 * The drawing of a figure that stands elsewhere on the page in size `panel`, once more. It has no words of its own.
 * @param excerpt - the largest part that is shown, from the middle; the whole when omitted
 */
export function repeatedFigure(figure: Figure, excerpt?: Dimensions): Markup {
  const whole = drawingOf(figure, 'panel');
  const width = Math.min(whole.width, excerpt?.width ?? whole.width);
  const height = Math.min(whole.height, excerpt?.height ?? whole.height);
  const corner = `${px((whole.width - width) / 2)} ${px((whole.height - height) / 2)}`;
  return html`
    <svg viewBox="${corner} ${px(width)} ${px(height)}" aria-hidden="true" font-size="${fontSize}">
      <use href="#${inlineId(figure, 'panel')}-drawing"/>
    </svg>`;
}

/**
 * A figure as the text of an SVG file, titled, on a background of its own. Colours are written out, so that every
 * program draws them, and replaced by those for dark where the reader prefers it.
 */
export function renderFigure(figure: Figure, options: FigureOptions = {}): string {
  const size = options.size ?? 'wide';
  const inner = drawingOf(figure, size);
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
      <g transform="translate(${pad} ${pad + titleHeight})">${inner.content}</g>
    </svg>`;
  return Object.entries(colours).reduce(
    (text, [role, [light]]) => text.replaceAll(`"var(--${role})"`, `"${light}"`),
    `${svg.text}\n`,
  );
}

function drawingOf(figure: Figure, size: FigureSize): Drawing {
  if (figure.view === 'diagram') return { ...diagramDimensions(figure), content: drawDiagram(figure) };
  return figure.view === 'effects' ? drawEffects(figure, size) : drawPlot(figure, size);
}

function darkStyle(): Markup {
  const rules = Object.values(colours).map(
    ([light, dark]) => `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`,
  );
  return new Markup(`@media (prefers-color-scheme:dark){${rules.join('')}}`);
}
