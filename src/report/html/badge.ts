/** @file The word that a study, a part or a finding came to, as a badge: told apart by icon, word and border, then by colour. */
import type { FindingBlock, StudySection } from '../../studies/document.ts';
import type { Verdict } from '../../studies/verdict.ts';
import { type Markup, html } from '../markup.ts';

/** A verdict, or the absence of one. */
export type Outcome = Verdict | 'not-run';

/** How each outcome is written. */
export const outcomeWords: Readonly<Record<Outcome, string>> = {
  reproduced: 'reproduced',
  'not-reproduced': 'not reproduced',
  inconclusive: 'inconclusive',
  'precondition-failed': 'precondition failed',
  'not-run': 'not run',
};

/** What a study came to. */
export function outcomeOf({ result }: StudySection): Outcome {
  return result?.verdict ?? 'not-run';
}

/** Path data on a grid of 16 × 16. */
const icons: Readonly<Record<Outcome, string>> = {
  reproduced: 'M3.5 8.5l3 3 6-7',
  'not-reproduced': 'M4.5 4.5l7 7m0-7l-7 7',
  inconclusive: 'M3 9.2c1.6-3.2 3.4-3.2 5-1.2s3.4 2 5-1.2',
  'precondition-failed': 'M8 3v6m0 3.4v.2',
  'not-run': 'M4 8h8',
};

/** `<span class="badge reproduced">…</span>` */
export function badge(outcome: Outcome): Markup {
  return pill(outcome, icons[outcome], outcomeWords[outcome]);
}

/** How each level of a finding is written. */
const levels: Readonly<Record<FindingBlock['level'], readonly [icon: string, words: string]>> = {
  problem: [icons['not-reproduced'], 'problem'],
  echo: ['M3 8h4m3-4a5.6 5.6 0 0 1 0 8m2.6-10.2a9 9 0 0 1 0 12.4', 'echo'],
  note: [icons['precondition-failed'], 'worth knowing'],
};

/** `<span class="badge level-problem">…</span>` */
export function levelBadge(level: FindingBlock['level']): Markup {
  return pill(`level-${level}`, ...levels[level]);
}

function pill(name: string, path: string, words: string): Markup {
  const icon = html`<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="${path}"/></svg>`;
  return html`<span class="badge ${name}">${icon}${words}</span>`;
}
