/** @file The marks of arms, gathered in series: what shares a name, a colour and a label. */
import type { BandMark, DotMark, LineMark, PlotFigure, RidgeMark, StepMark } from '../../studies/figure.ts';
import type { Hue } from '../theme.ts';
import { type Pattern, armOf, armsOf, patternsFor } from './arms.ts';

export type SeriesMark = LineMark | BandMark | DotMark | StepMark | RidgeMark;

/** All marks of one arm and label. */
export interface Series extends Pattern {
  readonly hue: Hue;
  /** What is written beside it, one string per line. */
  readonly lines: readonly string[];
  /** What it is called where it stands alone. */
  readonly title: string;
  readonly marks: readonly SeriesMark[];
}

/** The series of a figure, standard before batch norm within each label, patterns given in that order. */
export function seriesOf(figure: PlotFigure): readonly Series[] {
  const marks = figure.marks.filter((mark): mark is SeriesMark => armOf(mark) !== undefined);
  const labels = [...new Set(marks.map(labelOf))];
  const arms = armsOf(figure);
  // The rows of a ridgeline are named by their axis, and an arm that is alone in its panel by that.
  const isRidgeline = marks.every(({ mark }) => mark === 'ridge');
  const panels = new Set(marks.map(({ panel }) => panel));
  const isAlone = panels.size === new Set(marks.map(({ arm, panel }) => `${arm} ${panel}`)).size;
  const found = labels.flatMap((label) =>
    arms.flatMap(({ arm, name, hue }) => {
      const members = marks.filter((mark) => mark.arm === arm && labelOf(mark) === label);
      // A formula says by itself that it is theory.
      const isNamed = arm !== 'theory' && (isRidgeline ? !isAlone : arms.length > 1 || label === '');
      const lines = (isNamed ? [name, label] : [label]).filter((line) => line !== '');
      const title = (lines.includes(name) ? lines : [name, ...lines]).join(', ');
      return members.length === 0 ? [] : [{ hue, lines, title, marks: members }];
    }),
  );
  const patterns = patternsFor(found.map(({ hue }) => hue));
  return found.map((one, i) => ({ ...one, ...(patterns[i] as Pattern) }));
}

/** The same series with what it has in one panel. */
export function inPanel(series: Series, panel: string | undefined): Series {
  return { ...series, marks: series.marks.filter((mark) => mark.panel === undefined || mark.panel === panel) };
}

function labelOf(mark: SeriesMark): string {
  return mark.label ?? '';
}
