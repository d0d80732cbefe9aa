/** @file A diagnosis on the page: the likeliest cause, findings with their figures, all that was measured, what repeats it. */
import { counted } from '../../counted.ts';
import type { DiagnosisSection, FindingBlock, MeasuredGroup } from '../../studies/document.ts';
import type { Table } from '../../studies/figure.ts';
import { identifier } from '../figure/element.ts';
import { withPowers } from '../format.ts';
import { type Markup, html } from '../markup.ts';
import { levelBadge } from './badge.ts';
import { panelRow } from './figures.ts';
import { numberTable, pairList, repeatBlock } from './tables.ts';

/** One network, with the id that the contents point to. */
export function diagnosisSection(section: DiagnosisSection, id: string): Markup {
  const { title, sentences, about, findings, measured, commands, wallSeconds } = section;
  const last = commands.at(-1);
  return html`
    <section class="training diagnosis" id="${id}">
      <header>
        <h2>${title}</h2>
        <div class="verdict">${sentences.map((sentence) => html`<p>${withPowers(sentence)}</p>`)}</div>
      </header>
      ${pairList(about)}
      ${contents(section)}
      ${findings.length === 0 ? undefined : html`<h3 id="findings">Findings</h3>${findings.map(article)}`}
      ${measured.map(group)}
      <h3 id="repeat">Repeat it</h3>
      ${commands.map(
        ({ what, command }) => html`
          <p class="what">${what}</p>
          ${command === last?.command ? repeatBlock(command, wallSeconds) : html`<div class="command"><pre><code>${command}</code></pre></div>`}`,
      )}
    </section>`;
}

/** What there is below: every finding with its level, then what was measured. */
function contents({ findings, measured }: DiagnosisSection): Markup {
  const found = findings.map(
    (finding) => html`
      <li>${levelBadge(finding.level)}<span><a href="#${anchorOf(finding)}">${finding.rule}</a> <span class="where">${finding.where}</span></span></li>`,
  );
  const links = measured.map(({ title }) => html`<li><a href="#${groupAnchor(title)}">${title}</a></li>`);
  return html`
    <nav aria-label="Contents">
      ${found.length === 0 ? undefined : html`<ul class="found">${found}</ul>`}
      <ul>${links}<li><a href="#repeat">Repeat it</a></li><li><a href="#machine">Machine and versions</a></li></ul>
    </nav>`;
}

function article(finding: FindingBlock): Markup {
  const { level, rule, where, text, facts, tables, figures } = finding;
  const pairs = facts.map(([word, value]) => html`<div><dt>${word}</dt><dd>${withPowers(value)}</dd></div>`);
  const list = html`<dl class="facts">${pairs}</dl>`;
  return html`
    <article class="finding" id="${anchorOf(finding)}">
      <header><h4>${rule} <span class="where">${where}</span></h4>${levelBadge(level)}</header>
      <p class="claim">${withPowers(text)}</p>
      ${
        figures.length === 1
          ? html`<div class="beside">${list}${panelRow(figures)}</div>`
          : html`${list}${panelRow(figures)}`
      }
      ${tables.map(longTable)}
    </article>`;
}

/** Of more rows than this a table is folded: a deep network has a row per layer under every rule. */
const MOST_ROWS = 10;

function longTable(table: Table): Markup {
  if (table.rows.length <= MOST_ROWS) return numberTable(table);
  const count = counted(table.rows.length, 'layer');
  return html`<details class="more"><summary>All ${count}</summary>${numberTable(table)}</details>`;
}

function group({ title, isFolded = false, figures, tables }: MeasuredGroup): Markup {
  const content = html`${panelRow(figures)}${tables.map((table) => numberTable(table))}`;
  return isFolded
    ? html`<details class="more" id="${groupAnchor(title)}"><summary>${title}</summary>${content}</details>`
    : html`<h3 id="${groupAnchor(title)}">${title}</h3>${content}`;
}

/** Rules of the measurements and of the file may share a name. */
function anchorOf({ rule, where }: FindingBlock): string {
  return `finding-${identifier(`${rule}-${where}`)}`;
}

function groupAnchor(title: string): string {
  return `measured-${identifier(title)}`;
}
