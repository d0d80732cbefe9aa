/** @file Everything a report shows, as data: what the command line hands to the report. */

import type { PaperKey } from '../papers.ts';
import type { Figure, Table } from './figure.ts';
import type { StudyResult } from './result.ts';
import type { WriteUp } from './write-ups/write-up.ts';

/** A study and what became of it; `result` is undefined where it did not run, and `notRun` says why. */
export interface StudySection {
  readonly kind: 'study';
  /** "santurkar2018/landscape". */
  readonly name: string;
  readonly title: string;
  readonly paper: PaperKey;
  /** "Figure 4". */
  readonly where: string;
  /** One falsifiable sentence. */
  readonly claim: string;
  readonly needsData: boolean;
  readonly budget: string;
  readonly result: StudyResult | undefined;
  readonly notRun: string | undefined;
  /** The protocol actually run, as pairs of a word and its value. */
  readonly protocol: readonly (readonly [string, string])[];
  /** The exact definitions of the measured quantities. */
  readonly definitions: readonly { readonly quantity: string; readonly mode: string; readonly definition: string }[];
  /** The shell command that repeats it. */
  readonly command: string;
  readonly wallSeconds: number | undefined;
}

/** A training run of the user's own. */
export interface TrainingSection {
  readonly kind: 'training';
  /** What stands above the title; default: that it is a training run. */
  readonly eyebrow?: string;
  readonly title: string;
  /** The outcome in one sentence. */
  readonly sentence: string;
  readonly figures: readonly Figure[];
  /** How what its layers hold is distributed over its steps, where a probe has seen it. */
  readonly distributions?: DistributionFigures;
  readonly tables: readonly Table[];
  readonly settings: readonly (readonly [string, string])[];
  readonly definitions: StudySection['definitions'];
  readonly command: string;
  readonly wallSeconds: number | undefined;
}

export interface DistributionFigures {
  /** Rows of figures of one kind, of a few layers each. */
  readonly rows: readonly (readonly Figure[])[];
  /** Those of all other layers, which begin folded. */
  readonly folded: readonly Figure[];
}

/** What ails one network: findings with what was tried, all else that was measured, and the commands that repeat it. */
export interface DiagnosisSection {
  readonly kind: 'diagnosis';
  readonly title: string;
  /** The likeliest cause first. */
  readonly sentences: readonly string[];
  /** What was measured and on what, as pairs of a word and its value. */
  readonly about: readonly (readonly [string, string])[];
  /** Problems first. */
  readonly findings: readonly FindingBlock[];
  readonly measured: readonly MeasuredGroup[];
  readonly commands: readonly { readonly what: string; readonly command: string }[];
  readonly wallSeconds: number | undefined;
}

/** What one rule says, of however many layers. */
export interface FindingBlock {
  /** An echo is a problem that another finding explains. */
  readonly level: 'problem' | 'echo' | 'note';
  readonly rule: string;
  /** Layers by their own names, as many as can be read; or what it is of instead. */
  readonly where: string;
  /** What is so, and what that does to whoever uses the network. */
  readonly text: string;
  /** Number, threshold, what was tried and what came of it, repair: pairs of a word and its value. */
  readonly facts: readonly (readonly [string, string])[];
  readonly tables: readonly Table[];
  readonly figures: readonly Figure[];
}

/** What was measured of one kind, whatever rules make of it. */
export interface MeasuredGroup {
  readonly title: string;
  /** Whether it begins folded; default false. */
  readonly isFolded?: boolean;
  readonly figures: readonly Figure[];
  readonly tables: readonly Table[];
}

export interface ReportDocument {
  readonly title: string;
  /** ISO time of the run. */
  readonly created: string;
  /** Machine, versions, lowering, data: pairs of a word and its value. */
  readonly manifest: readonly (readonly [string, string])[];
  readonly sections: readonly (StudySection | TrainingSection | DiagnosisSection)[];
  /** Whose figures its gallery shows and whose misstatements it marks. */
  readonly writeUps: readonly WriteUp[];
}
