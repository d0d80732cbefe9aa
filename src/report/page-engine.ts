/** @file What a report carries beside its text where its page can compute: made elsewhere, put in as it is. */
import type { Markup } from './markup.ts';

export interface PageEngine {
  /** Of its controls, for the page's style sheet. */
  readonly style: string;
  /** Scripts and data, at the end of the page's body. */
  readonly body: Markup;
}
