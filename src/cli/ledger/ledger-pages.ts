/** @file The pages of the ledger as Markdown: one per study, and the index of all. */

import { capitalised } from '../../capitalised.ts';
import { formatInterval3, format3 } from '../../studies/number-text.ts';
import { type Verdict, verdictWords } from '../../studies/verdict.ts';
import type { LedgerEntry, LedgerTable } from './ledger-entry.ts';
import { isAmended, loweringOf, seedsOf, type Standing, standingOf } from './ledger-standing.ts';

const WRITTEN = '<!-- Written by `normscope report RUN --ledger`; not to be changed by hand. -->';

/** Entries of one study, in the order in which they were made. */
export function studyPage(entries: readonly LedgerEntry[], figures: string): string {
  const standing = standingOf(entries);
  const first = standing[0]?.entry;
  const [repeats, superseded] = [standing.flatMap((one) => one.repeats), standing.flatMap((one) => one.superseded)];
  const section = (title: string, found: readonly LedgerEntry[]): readonly string[] =>
    found.length === 0 ? [] : [`# ${title}`, ...found.map((entry) => entryText(entry, undefined))];
  return [
    `# ${first?.study}: ${first?.title}`,
    WRITTEN,
    ...standing.map(({ entry }) => entryText(entry, entry === first ? figures : undefined)),
    ...section('Again, on other seeds or by another lowering', repeats),
    ...section('Superseded', superseded),
  ]
    .join('\n\n')
    .concat('\n');
}

/** What every study came to, at each budget and protocol, the newest of each. */
export function indexPage(entries: readonly LedgerEntry[]): string {
  const standing = [...new Set(entries.map(({ study }) => study))].flatMap((study) =>
    standingOf(entries.filter((entry) => entry.study === study)),
  );
  const rows = standing.map(({ entry, superseded }) => {
    const { title, budget, created, sentence } = entry;
    const count = superseded.length === 0 ? '' : String(superseded.length);
    return [linkOf(entry), title, budget, verdictOf(entry), created.slice(0, 10), count, sentence];
  });
  const repeated = standing.filter(({ repeats }) => repeats.length > 0);
  return [
    '# Results',
    WRITTEN,
    'Each entry was written from the cells of a run, with the rule and the protocol whose hashes were on record ' +
      '([protocols.json](protocols.json)) before its first result. What a newer run of the same protocol came to supersedes an entry, ' +
      'which is kept. Rules that were amended, with what came out under them, are told in [superseded](superseded).',
    tableOf(['claim', 'about', 'budget', 'verdict', 'date', 'superseded', 'what came out'], rows),
    ...(repeated.length === 0 ? [] : agreements(repeated)),
  ]
    .join('\n\n')
    .concat('\n');
}

/** What the same questions came to on other seeds and by other lowerings. */
function agreements(repeated: readonly Standing[]): readonly string[] {
  const all = repeated.flatMap(({ repeats }) => repeats).length;
  const alike = repeated.flatMap(({ entry, repeats }) => repeats.filter(({ verdict }) => verdict === entry.verdict));
  const rows = repeated.flatMap(({ entry, repeats }) => [entry, ...repeats].map((one) => agreementRow(one, entry)));
  return [
    '## The same questions again',
    `On other seeds, or by another lowering: ${alike.length} of ${all} came to the verdict of the first. Where a part came to another ` +
      'word, the page of the study says how many seeds would decide it.',
    tableOf(['claim', 'budget', 'seeds', 'lowering', 'verdict', 'parts', 'other words'], rows),
  ];
}

function agreementRow(one: LedgerEntry, first: LedgerEntry): readonly string[] {
  const words = one.parts.map(({ name, verdict }) => `(${name}) ${spoken(verdict)}`).join(', ');
  const others = one.parts
    .filter((part, i) => part.verdict !== first.parts[i]?.verdict)
    .map(({ name }) => `(${name})`)
    .join(', ');
  return [linkOf(one), one.budget, seedsOf(one), loweringOf(one), spoken(one.verdict), words, others];
}

function linkOf({ study }: LedgerEntry): string {
  return `[\`${study}\`](${study.replace('/', '-')}.md)`;
}

function entryText(entry: LedgerEntry, figures: string | undefined): string {
  const parts = entry.parts.map(({ name, claim, effect, margin, verdict, pairings, cases, remarks }) =>
    [
      `**(${name}) ${spoken(verdict)}**: ${claim} ${capitalised(effect)}.${cases ? '' : ` Margin ${format3(margin)}.`}`,
      ...pairings.map(({ name: pairing, interval, effects }) => {
        const seeds = effects.map(({ seed, value }) => `${seed}: ${format3(value)}`).join(', ');
        return `- ${pairing}: ${interval ? formatInterval3({ ...interval, count: effects.length }) : 'not judged'} (seeds ${seeds})`;
      }),
      ...(cases ? [`- ${cases.count - cases.failures} of ${cases.count} cases hold`] : []),
      ...remarks.map((remark) => `- ${remark}`),
    ].join('\n'),
  );
  return [
    `## ${entry.budget}: ${verdictOf(entry)}, ${entry.created.slice(0, 10)}`,
    entry.sentence,
    ...parts,
    ...entry.notes,
    ...(entry.tables ?? []).map(tableText),
    ...(figures === undefined
      ? []
      : [entry.figures.map((file) => `![${file}](figures/${figures}/${file})`).join('\n')]),
    [
      '| | |',
      '| --- | --- |',
      rowOf(['command', `\`${entry.command}\``]),
      rowOf(['protocol and rule', entry.protocolHash]),
      ...entry.manifest.map(rowOf),
    ].join('\n'),
  ].join('\n\n');
}

/** Folded, as a table may be long. */
function tableText({ title, caption, columns, rows }: LedgerTable): string {
  return [`<details><summary>${title}</summary>`, tableOf(columns, rows), caption, '</details>'].join('\n\n');
}

function tableOf(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return [rowOf(columns), rowOf(columns.map(() => '---')), ...rows.map(rowOf)].join('\n');
}

/** A bar would end a cell. */
function rowOf(cells: readonly string[]): string {
  return `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** "reproduced", or "reproduced, by a protocol or rule changed since". */
function verdictOf(entry: LedgerEntry): string {
  return `${spoken(entry.verdict)}${isAmended(entry) ? ', by a protocol or rule changed since' : ''}`;
}

function spoken(verdict: string): string {
  return (verdictWords[verdict as Verdict] ?? verdict).toLowerCase();
}
