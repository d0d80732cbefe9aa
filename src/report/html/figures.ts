/** @file Figures on the page: panels side by side as in a paper, a lone or a wide one over the whole column. */
import type { Figure } from '../../studies/figure.ts';
import { identifier } from '../figure/element.ts';
import { inlineFigure } from '../figure/figure.ts';
import type { FigureSize } from '../figure/size.ts';
import { withPowers } from '../format.ts';
import { type Markup, html } from '../markup.ts';

/** All figures in their order; neighbours of one panel each share a row. */
export function figureRows(figures: readonly Figure[]): Markup {
  const rows: Figure[][] = [];
  for (const figure of figures) {
    const open = rows.at(-1);
    if (isPanel(figure) && open?.[0] !== undefined && isPanel(open[0])) open.push(figure);
    else rows.push([figure]);
  }
  return html`${rows.map((row) =>
    row.length === 1
      ? // The style sheet shows the one that fits.
        html`<div class="lone">${row.map((figure) => framed(figure, ['wide', 'panel']))}</div>`
      : panelRow(row),
  )}`;
}

/** Figures side by side in the small size, where one alone would be too large beside others. */
export function panelRow(figures: readonly Figure[]): Markup | undefined {
  if (figures.length === 0) return undefined;
  return html`<div class="panels">${figures.map((figure) => framed(figure, ['panel']))}</div>`;
}

/** Where links to a figure lead. */
export function figureAnchor(figure: Figure): string {
  return `figure-${identifier(figure.id)}`;
}

/** Figures of several panels need the whole column. */
function isPanel(figure: Figure): boolean {
  return figure.view === undefined && figure.marks.every(({ panel }) => panel === undefined);
}

function framed(figure: Figure, sizes: readonly FigureSize[]): Markup {
  return html`
    <figure id="${figureAnchor(figure)}">
      <h4>${figure.title}</h4>
      ${
        figure.view === 'diagram'
          ? // It has one size, and is moved sideways where that is too wide.
            html`<div class="scroll diagram">${inlineFigure(figure, 'panel')}</div>`
          : sizes.map((size) => inlineFigure(figure, size))
      }
      <figcaption>${withPowers(figure.caption)}</figcaption>
    </figure>`;
}
