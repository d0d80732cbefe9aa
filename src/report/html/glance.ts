/** @file The claims at a glance: which hold, which fail, which are open and which were not run, by name. */
import { hangsOnDefinition } from '../../studies/parts.ts';
import { type Markup, html } from '../markup.ts';
import { type Outcome, badge, outcomeOf, outcomeWords } from './badge.ts';
import type { StudyEntry } from './study-section.ts';

/** One line per outcome, in the order of the words' table; nothing for a lone claim. */
export function glance(entries: readonly StudyEntry[]): Markup | undefined {
  if (entries.length < 2) return undefined;
  const lines = (Object.keys(outcomeWords) as Outcome[]).flatMap((outcome) => {
    const members = entries.filter(({ section }) => outcomeOf(section) === outcome);
    return members.length === 0 ? [] : [line(outcome, members)];
  });
  return html`<dl class="glance">${lines}</dl>`;
}

function line(outcome: Outcome, members: readonly StudyEntry[]): Markup {
  const links = members.map(({ section, id }) => {
    const mark =
      section.result?.parts.some(hangsOnDefinition) === true
        ? html` <span class="mode">hangs on the definition</span>`
        : undefined;
    return html`<li><a href="#${id}">${section.title}</a>${mark}</li>`;
  });
  return html`<div><dt>${badge(outcome)} <span class="count">${members.length}</span></dt><dd><ul>${links}</ul></dd></div>`;
}
