/** @file The two sizes that a figure is drawn in. */
import type { Markup } from '../markup.ts';

/** `panel` fits a phone and stands three abreast on a desk; `wide` fills a column of text. */
export type FigureSize = 'panel' | 'wide';

export interface Dimensions {
  readonly width: number;
  readonly height: number;
}

/** The content of an SVG element, and how large that is. */
export interface Drawing extends Dimensions {
  readonly content: Markup;
}

/** Of a panel with its axes; what stands under it makes a figure higher. */
export const dimensions: Readonly<Record<FigureSize, Dimensions>> = {
  panel: { width: 360, height: 290 },
  wide: { width: 760, height: 360 },
};
