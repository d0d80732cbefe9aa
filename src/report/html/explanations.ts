/** @file The map of claims: explanation against explanation, with the verdicts that bear on each. */
import { counted } from '../../counted.ts';
import { type Evidence, type Explanation, explanations } from '../../studies/explanations.ts';
import { type Markup, html } from '../markup.ts';
import { badge, outcomeOf } from './badge.ts';
import { fold } from './fold.ts';
import type { StudyEntry } from './study-section.ts';

/** A run of a few claims explains nothing. */
const LEAST_CLAIMS = 8;

interface Found {
  readonly evidence: Evidence;
  readonly entry: StudyEntry;
}

interface Row {
  readonly explanation: Explanation;
  readonly found: readonly Found[];
}

/** Nothing where too few of the claims are part of the run. */
export function explanationMap(entries: readonly StudyEntry[], id: string): Markup | undefined {
  const rows = explanations
    .map((explanation): Row => ({ explanation, found: foundIn(explanation, entries) }))
    .filter(({ found }) => found.length > 0);
  const used = new Set(rows.flatMap(({ found }) => found.map(({ entry }) => entry.section.name)));
  if (used.size < LEAST_CLAIMS) return undefined;
  return html`
    <section class="explanations" id="${id}">
      <h2>Why does batch norm work?</h2>
      <p class="small">Its explanations beside each other, and what this run found of the claims that bear on them. A claim that
        is reproduced speaks for or against an explanation; one that is not, or is undecided, speaks for nothing.</p>
      ${answer(rows)}
      ${rows.map(({ explanation, found }) => block(explanation, found))}
    </section>`;
}

function foundIn({ evidence }: Explanation, entries: readonly StudyEntry[]): readonly Found[] {
  return evidence.flatMap((one) => {
    const entry = entries.find(({ section }) => section.name === one.study);
    return entry === undefined ? [] : [{ evidence: one, entry }];
  });
}

/** What becomes of explanations, by what the claims that hold say of them. */
const fates: readonly (readonly [text: string, is: (speaking: Speaking) => boolean])[] = [
  ['Supported, with nothing against it', (speaking) => speaking.for > 0 && speaking.against === 0],
  ['Supported, and spoken against', (speaking) => speaking.for > 0 && speaking.against > 0],
  ['Spoken against alone', (speaking) => speaking.for === 0 && speaking.against > 0],
  ['Open: no claim that bears on it holds', (speaking) => speaking.for === 0 && speaking.against === 0],
];

/** The explanations by their fate, for who wants no more than that. */
function answer(rows: readonly Row[]): Markup {
  const lines = fates.flatMap(([text, is]) => {
    const titles = rows.flatMap(({ explanation, found }) => (is(speakingOf(found)) ? [explanation.title] : []));
    return titles.length === 0 ? [] : [html`<div><dt>${text}</dt><dd>${titles.join('; ')}.</dd></div>`];
  });
  return html`<dl class="answer">${lines}</dl>`;
}

function block({ title, says, source, evidence }: Explanation, found: readonly Found[]): Markup {
  const missing = evidence.length - found.length;
  const content = html`
    <p>${says} <span class="sub">${source}</span></p>
    <ul class="evidence">${found.map(line)}</ul>
    ${missing === 0 ? undefined : html`<p class="sub">${counted(missing, 'more claim')} that bear on it: not part of this run.</p>`}`;
  return fold(html`<h3>${title}<span class="sub">${balance(found)}</span></h3>`, content);
}

/** How many of the claims that hold speak for an explanation, and against it. */
type Speaking = Readonly<Record<Evidence['stance'], number>>;

function speakingOf(found: readonly Found[]): Speaking {
  const holding = found.filter(({ entry }) => outcomeOf(entry.section) === 'reproduced');
  const count = (stance: Evidence['stance']): number =>
    holding.filter(({ evidence }) => evidence.stance === stance).length;
  return { for: count('for'), against: count('against') };
}

/** "4 for, 1 against, 2 open": those that are reproduced, by what they speak for, and all others. */
export function balance(found: readonly Found[]): string {
  const speaking = speakingOf(found);
  return `${speaking.for} for, ${speaking.against} against, ${found.length - speaking.for - speaking.against} open or not found`;
}

function line({ evidence: { stance, because }, entry: { section, id } }: Found): Markup {
  const outcome = outcomeOf(section);
  const speaks = outcome === 'reproduced' ? `speaks ${stance} it` : `would speak ${stance} it`;
  return html`<li>${badge(outcome)} <a href="#${id}">${section.title}</a>: ${because} <span class="sub">${speaks}</span></li>`;
}
