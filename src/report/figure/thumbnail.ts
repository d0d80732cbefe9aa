/** @file A figure at the size of a stamp: its marks without words. */
import type { Figure } from '../../studies/figure.ts';
import { type Markup, html } from '../markup.ts';
import { straight } from '../svg/mark.ts';
import { colour } from '../theme.ts';
import { cellColours, drawCells } from './cell.ts';
import { repeatedFigure } from './figure.ts';
import { scalesOf } from './scales.ts';
import { seriesOf } from './series.ts';
import { drawTrace } from './trace.ts';

const WIDTH = 132;
const HEIGHT = 84;
/** Room for the ends of thick lines, px. */
const PAD = 4;

/** Marks of a single panel are drawn anew; of others the drawing that stands elsewhere on the page is shown small. */
export function thumbnail(figure: Figure): Markup {
  // A whole diagram would be grey at this size.
  if (figure.view === 'diagram') return repeatedFigure(figure, { width: 2.5 * WIDTH, height: 2.5 * HEIGHT });
  if (figure.view === 'effects' || figure.marks.some(({ panel }) => panel !== undefined)) return repeatedFigure(figure);
  const frame = { left: PAD, top: PAD, width: WIDTH - 2 * PAD, height: HEIGHT - 2 * PAD };
  const bottom = frame.top + frame.height;
  const scales = scalesOf(figure, 0);
  const place = { x: scales.x([frame.left, frame.left + frame.width]), y: scales.y([bottom, frame.top]), frame };
  const cells = figure.marks.filter((mark) => mark.mark === 'cell');
  return html`
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" aria-hidden="true">
      ${cells.map((mark) => drawCells(mark, figure, cellColours(cells), place, []))}
      ${straight({ x: frame.left, y: bottom }, { x: frame.left + frame.width, y: bottom }, colour('muted'))}
      ${seriesOf(figure).map((series) => drawTrace(series, place).marks)}
    </svg>`;
}
