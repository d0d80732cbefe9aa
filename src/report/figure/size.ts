/** @file The two sizes that a figure is drawn in. */

/** `panel` fits a phone and stands three abreast on a desk; `wide` fills a column of text. */
export type FigureSize = 'panel' | 'wide';

export interface Dimensions {
  readonly width: number;
  readonly height: number;
}

export const dimensions: Readonly<Record<FigureSize, Dimensions>> = {
  panel: { width: 360, height: 290 },
  wide: { width: 760, height: 360 },
};
