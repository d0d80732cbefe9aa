/** @file Figures as data: a closed set of views. Studies fill them in; the report draws them. */

import type { DiagramFigure } from './diagram.ts';

/**
 * Who a line belongs to; each arm has one colour everywhere. `theory` is a thin black line labelled with its formula;
 * `first` to `third` are whatever else a figure compares, told apart by their labels.
 */
export type ArmName = 'standard' | 'batch' | 'noisy' | 'theory' | 'first' | 'second' | 'third';

/** A drawn reference: a published value with its source, or a theoretical one with its formula. */
export interface Reference {
  readonly kind: 'published' | 'theory';
  readonly label: string;
  /** The axis that the value is on: `y` when omitted. */
  readonly axis?: 'x' | 'y';
  readonly value: number;
}

interface FigureBase {
  /** Unique in a report, and the file name of the SVG. */
  readonly id: string;
  readonly title: string;
  /** What is to be seen, and how it was measured, in a sentence or two. */
  readonly caption: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly references: readonly Reference[];
}

export interface Axis {
  readonly label: string;
  /** Empty for pure numbers. */
  readonly unit: string;
  readonly scale: 'linear' | 'log';
}

/** Per arm and seed a range over x, as in the paper's landscape panels: filled bands, one thin outline per seed. */
export interface BandsFigure extends FigureBase {
  readonly view: 'bands';
  readonly bands: readonly {
    readonly arm: ArmName;
    readonly seed: number;
    readonly x: readonly number[];
    readonly low: readonly number[];
    readonly high: readonly number[];
  }[];
}

/** Per arm and seed a line over x: one thin line per seed under a thick median where seeds share their x. */
export interface CurvesFigure extends FigureBase {
  readonly view: 'curves';
  readonly curves: readonly {
    readonly arm: ArmName;
    /** Tells several lines of one arm apart ("train", "test"); empty where there is one. */
    readonly label: string;
    readonly seed: number;
    readonly x: readonly number[];
    readonly y: readonly number[];
  }[];
}

/** Paired effects with their interval against a margin: a dot per seed, a bar for the interval, one row per effect. */
export interface EffectsFigure extends FigureBase {
  readonly view: 'effects';
  readonly rows: readonly {
    readonly label: string;
    readonly margin: number;
    readonly effects: readonly { readonly seed: number; readonly value: number }[];
    readonly interval: { readonly mean: number; readonly lower: number; readonly upper: number } | undefined;
  }[];
}

/** How often values fall into bins: one outline per arm and label; counts over edges, of which there is one more. */
export interface HistogramFigure extends FigureBase {
  readonly view: 'histogram';
  readonly histograms: readonly {
    readonly arm: ArmName;
    readonly label: string;
    readonly edges: readonly number[];
    readonly counts: readonly number[];
  }[];
}

/** The views drawn on a pair of axes. */
export type PanelFigure = BandsFigure | CurvesFigure | HistogramFigure;

export type Figure = PanelFigure | DiagramFigure | EffectsFigure;

/** Numbers that belong beside a figure; NaN cells are shown as a dash. */
export interface Table {
  readonly title: string;
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}
