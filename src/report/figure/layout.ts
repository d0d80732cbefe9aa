/** @file Where everything of a figure stands: its panels, and the names of its series beside or under them. */
import type { PlotFigure } from '../../studies/figure.ts';
import type { Box } from '../svg/place.ts';
import { lineHeight, textWidth, wrapText } from '../svg/text.ts';
import { axisLabel, tickDepth, tickWidth } from './axes.ts';
import { type Labelled, type Legend, SAMPLE, fitBeside, placeLegend } from './legend.ts';
import type { Place } from './place.ts';
import { scalesOf } from './scales.ts';
import { type Series, seriesOf } from './series.ts';
import { type FigureSize, dimensions } from './size.ts';

/** Room above the frames and below them for a line of the axes' labels, without those lines themselves, px. */
const ABOVE = 9;
const BELOW = 27;
/** Between panels, and from a panel's title to its frame, px. */
const GAP = { across: 22, down: 14, title: 6 } as const;

/** What depends on the size: px. */
const sizes = {
  // The widest label beside the frame and name on the vertical axis, the height of one panel among several.
  panel: { label: 112, name: 140, several: 104, columns: 2 },
  wide: { label: 200, name: 215, several: 136, columns: 3 },
} as const satisfies Readonly<Record<FigureSize, unknown>>;

/** Names on the vertical axis get at least so much each, px. */
const LEAST_ROW = 26;

export interface Panel {
  /** Its lines; none for the one panel of a figure. */
  readonly title: readonly string[];
  readonly name: string | undefined;
  readonly place: Place;
  /** Whether tick labels stand at its left, and below it. */
  readonly isLeftmost: boolean;
  readonly isLowest: boolean;
}

export interface Layout {
  readonly panels: readonly Panel[];
  /** The series with their labels, which stand beside the frame where there is no legend. */
  readonly labelled: readonly Labelled[];
  /** The room for a sample before each label beside the frame, px. */
  readonly sample: number;
  readonly legend: Legend | undefined;
  readonly xLabel: readonly string[];
  readonly yLabel: readonly string[];
  /** Lines of the tick labels under the panels. */
  readonly depth: number;
  /** Around all panels. */
  readonly frame: Box;
  /** Where axes end and legends begin. */
  readonly bottom: number;
}

export function layOut(figure: PlotFigure, size: FigureSize): Layout {
  const { width, height } = dimensions[size];
  const { label: widest, name: nameRoom, several, columns: most } = sizes[size];
  const titles = panelsOf(figure);
  // Four stand two by two.
  const columns = Math.min(titles.length === 4 ? 2 : most, titles.length);
  const rows = Math.ceil(titles.length / columns);

  const xLabel = figure.x.label === '' ? [] : wrapText(axisLabel(figure.x), width - 20);
  const yLabel = wrapText(axisLabel(figure.y), width);
  const least = heightOfNames(figure.y.categories ?? [], nameRoom);
  const above = ABOVE + yLabel.length * lineHeight;
  const alone = height - above - BELOW - xLabel.length * lineHeight;
  const frameHeight = Math.max(titles.length === 1 ? alone : several, least);

  const series = seriesOf(figure);
  const names = nameSeries(series, widest);
  const isBeside = titles.length === 1 && fitBeside(names.labelled, frameHeight);
  const right = (isBeside ? names.width : 0) + 12;

  const scales = scalesOf(figure, nameRoom);
  const left = Math.ceil(tickWidth(scales.y([frameHeight, 0]))) + 10;
  const frameWidth = (width - left - right - (columns - 1) * GAP.across) / columns;
  const titleLines = Math.max(...titles.map((title) => linesOf(title, frameWidth).length));
  const titleHeight = titleLines === 0 ? 0 : titleLines * lineHeight + GAP.title;
  const panels = titles.map((name, i): Panel => {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    const frame = {
      left: left + column * (frameWidth + GAP.across),
      top: above + titleHeight + row * (frameHeight + titleHeight + GAP.down),
      width: frameWidth,
      height: frameHeight,
    };
    const x = scales.x([frame.left, frame.left + frameWidth]);
    const y = scales.y([frame.top + frameHeight, frame.top]);
    return {
      title: linesOf(name, frameWidth),
      name,
      place: { x, y, frame },
      isLeftmost: column === 0,
      isLowest: i + columns >= titles.length,
    };
  });
  const frame = {
    left,
    top: above,
    width: width - left - right,
    height: rows * (frameHeight + titleHeight) + (rows - 1) * GAP.down,
  };
  const depth = Math.max(...panels.map(({ place }) => tickDepth(place.x)));
  const bottom = frame.top + frame.height + BELOW + (depth - 1 + xLabel.length) * lineHeight;
  const legend = isBeside ? undefined : placeLegend(series, width - left);
  const { labelled, sample } = names;
  return { panels, labelled, sample, legend, xLabel, yLabel, depth, frame, bottom };
}

/** All names on a vertical axis have the room of the one with the most lines. */
function heightOfNames(names: readonly string[], width: number): number {
  const lines = Math.max(0, ...names.map((name) => wrapText(name, width).length));
  return names.length * Math.max(LEAST_ROW, lines * lineHeight + 4);
}

/** The titles of the panels in the order of marks; a figure whose marks name none has one panel without a title. */
function panelsOf({ marks }: PlotFigure): readonly (string | undefined)[] {
  const titles = marks.flatMap(({ panel }) => (panel === undefined ? [] : [panel]));
  return titles.length === 0 ? [undefined] : [...new Set(titles)];
}

function linesOf(title: string | undefined, width: number): readonly string[] {
  return title === undefined ? [] : wrapText(title, width);
}

/** Labels of at most `widest` px, and how wide they are in all. */
function nameSeries(
  series: readonly Series[],
  widest: number,
): Pick<Layout, 'labelled' | 'sample'> & { readonly width: number } {
  // Where a colour has several lines, or labels stand away from them, a sample of each stands before its label.
  const standsAway = series.some(({ marks }) =>
    marks.some(({ mark }) => mark === 'step' || mark === 'ridge' || mark === 'dot'),
  );
  const isRepeated = new Set(series.map(({ hue }) => hue)).size < series.length;
  const sample = (standsAway && series.length > 1) || isRepeated ? SAMPLE : 0;
  const labelled = series.map((one) => ({
    series: one,
    label: one.lines.flatMap((line) => wrapText(line, widest - sample)),
  }));
  const texts = labelled.flatMap(({ label }) => label);
  return { labelled, sample, width: Math.max(0, ...texts.map((line) => textWidth(line))) + sample };
}
