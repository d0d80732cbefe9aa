/** @file A figure at the size of a stamp: its lines without words. */
import type { Figure } from '../../studies/figure.ts';
import { type Markup, html } from '../markup.ts';
import { straight } from '../svg/mark.ts';
import { colour } from '../theme.ts';
import { repeatedFigure } from './figure.ts';
import { baseScale, valueScale } from './panel.ts';
import { seriesOf } from './series.ts';
import { drawTrace } from './trace.ts';

const WIDTH = 132;
const HEIGHT = 84;
/** Room for the ends of thick lines, px. */
const PAD = 4;

/** Views on a pair of axes are drawn anew; of others the drawing that stands elsewhere on the page is shown small. */
export function thumbnail(figure: Figure): Markup {
  if (figure.view === 'effects' || figure.view === 'diagram') return repeatedFigure(figure);
  const frame = { left: PAD, top: PAD, width: WIDTH - 2 * PAD, height: HEIGHT - 2 * PAD };
  const bottom = frame.top + frame.height;
  const series = seriesOf(figure);
  const x = baseScale(figure, series, [frame.left, frame.left + frame.width]);
  const y = valueScale(figure, series, [bottom, frame.top]);
  const traces = series.map((one) => drawTrace(one, figure.view, { x, y, frame }).marks);
  return html`
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" aria-hidden="true">
      ${straight({ x: frame.left, y: bottom }, { x: frame.left + frame.width, y: bottom }, colour('muted'))}
      ${traces}
    </svg>`;
}
