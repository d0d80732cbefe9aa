/** @file Figures as data: marks on one pair of scales. Studies fill them in; the report draws them. */

import type { DiagramFigure } from './diagram.ts';

/**
 * Marks on one pair of scales, in one panel or in several that share them. It is plain data: a page that is open while
 * something runs draws it again whenever there is more of it.
 */
export interface PlotFigure {
  /** It is told from other figures by having none. */
  readonly view?: undefined;
  /** Unique in a report, and the file name of the SVG. */
  readonly id: string;
  readonly title: string;
  /** What is to be seen, and how it was measured, in a sentence or two. */
  readonly caption: string;
  readonly x: Axis;
  readonly y: Axis;
  /**
   * Arms in the order of their colours, for figures that show some of a study's arms, in the colours of all. Arms that are
   * not named here follow in the order in which marks name them.
   */
  readonly arms?: readonly string[];
  readonly marks: readonly Mark[];
}

export interface Axis {
  readonly label: string;
  /** Empty for pure numbers. */
  readonly unit: string;
  readonly scale: 'linear' | 'log';
  /** What stands at 0, 1, 2, … in place of numbers: from left to right, or from the top down. */
  readonly categories?: readonly string[];
}

export type Mark = LineMark | BandMark | DotMark | StepMark | RidgeMark | RuleMark | CellMark;

/** A mark that is in one panel of several. */
interface InPanel {
  /** The title of its panel; a mark without one stands in every panel. */
  readonly panel?: string;
}

/** A mark that belongs to an arm. */
interface OfArm extends InPanel {
  /**
   * Who it belongs to: any name, which is written beside it. `standard`, `batch` and `noisy` have the same colour
   * everywhere, `theory` is a thin black line labelled with its formula; other arms have the next colour that is free.
   */
  readonly arm: string;
  /** Tells several of one arm apart ("train", "test"); absent or empty where there is one. */
  readonly label?: string;
}

/** A line over x: where seeds share their x, one thin line per seed under their thick median. */
export interface LineMark extends OfArm {
  readonly mark: 'line';
  readonly seed?: number;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** A range over x, filled, with a thin outline. */
export interface BandMark extends OfArm {
  readonly mark: 'band';
  readonly seed?: number;
  readonly x: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** A dot at each point; arms differ in shape too. */
export interface DotMark extends OfArm {
  readonly mark: 'dot';
  readonly seed?: number;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** From where to where each point may lie, along an axis. */
  readonly interval?: { readonly along: 'x' | 'y'; readonly low: readonly number[]; readonly high: readonly number[] };
}

/** How often values fall into bins, as an outline; counts over edges, of which there is one more. */
export interface StepMark extends OfArm {
  readonly mark: 'step';
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

/** One row of a ridgeline: how often values fall into bins, as an outline that rises from a place of the vertical axis. */
export interface RidgeMark extends OfArm {
  readonly mark: 'ridge';
  readonly base: number;
  readonly edges: readonly number[];
  /** Over the base, in units of the vertical axis, which must be linear; edges are one more. */
  readonly heights: readonly number[];
}

/** A straight reference across a panel: a published value with its source, or a theoretical one with its formula. */
export interface RuleMark extends InPanel {
  readonly mark: 'rule';
  readonly kind: 'published' | 'theory';
  readonly label: string;
  /** The axis that the value is on: `y` when omitted. */
  readonly axis?: 'x' | 'y';
  readonly value: number;
}

/** A value at each (x, y), as the colour of a cell that reaches half-way to its neighbours, and as text where there is room. */
export interface CellMark extends InPanel {
  readonly mark: 'cell';
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly values: readonly number[];
  /** Why a cell has no value, where that is known: "diverged". It is crossed out, and says so where one points at it. */
  readonly lost?: readonly (string | undefined)[];
  /** What the colours mean: of values of both signs the two colours part at 0. */
  readonly colour: Axis;
}

/** Paired effects with their interval against a margin: a dot per seed, a bar for the interval, one row per effect. */
export interface EffectsFigure {
  readonly view: 'effects';
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly x: Axis;
  readonly rows: readonly {
    readonly label: string;
    readonly margin: number;
    readonly effects: readonly { readonly seed: number; readonly value: number }[];
    readonly interval: { readonly mean: number; readonly lower: number; readonly upper: number } | undefined;
  }[];
}

export type Figure = PlotFigure | DiagramFigure | EffectsFigure;

/** Numbers that belong beside a figure; NaN cells are shown as a dash. */
export interface Table {
  readonly title: string;
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}
