/** @file What a write-up about batch normalisation says: the pictures it shows or has lost, and where it differs from its paper. */

/** A sentence of a write-up beside what its source says, in our own words. */
export interface Statement {
  /** The study that tests what the source says. */
  readonly study: string;
  readonly says: string;
  readonly source: string;
}

/** A figure, formula or finding that a write-up shows, has lost the picture of, or describes. */
export interface Exhibit {
  readonly form: 'lost picture' | 'formula' | 'description';
  /** What of the write-up it illustrates, word for word. */
  readonly quote: string;
  /** Where it was published: "Bjorck et al. 2018, Figure 1". */
  readonly published: string;
  /** The studies that measure it again. */
  readonly studies: readonly string[];
  /** Which of their figures show it again, by how their ids begin; the first of each study where nothing is named. */
  readonly figures?: readonly string[];
}

export interface WriteUp {
  /** "koehncke": short, unique, part of ids. */
  readonly key: string;
  /** Undefined where it is not signed. */
  readonly author: string | undefined;
  readonly title: string;
  readonly year: number | undefined;
  readonly exhibits: readonly Exhibit[];
  readonly misstatements: readonly Statement[];
  /** What looks like a slip and agrees with the source after all. */
  readonly agreements: readonly Statement[];
}
