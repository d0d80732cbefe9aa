/** @file The pages of the ledger as Markdown: one per study, and the index of all. */

import { formatInterval3, format3 } from '../studies/number-text.ts';
import { type Verdict, verdictWords } from '../studies/verdict.ts';
import type { LedgerEntry } from './ledger-entry.ts';

const WRITTEN = '<!-- Written by `normscope report RUN --ledger`; not to be changed by hand. -->';

/** Entries of one study, in the order in which they were made. */
export function studyPage(entries: readonly LedgerEntry[], figures: string): string {
  const { standing, superseded } = divided(entries);
  const [newest] = standing;
  return [
    `# ${newest?.study}: ${newest?.title}`,
    WRITTEN,
    ...standing.map((entry) => entryText(entry, entry === newest ? figures : undefined)),
    ...(superseded.length === 0 ? [] : ['# Superseded', ...superseded.map((entry) => entryText(entry, undefined))]),
  ]
    .join('\n\n')
    .concat('\n');
}

/** What every study came to, at each budget and protocol, the newest of each. */
export function indexPage(entries: readonly LedgerEntry[]): string {
  const rows = [...new Set(entries.map(({ study }) => study))].flatMap((study) => {
    const { standing, superseded } = divided(entries.filter((entry) => entry.study === study));
    return standing.map(({ title, budget, verdict, created, sentence }) => {
      const earlier = superseded.filter((one) => one.budget === budget).length;
      const link = `[\`${study}\`](${study.replace('/', '-')}.md)`;
      return `| ${link} | ${title} | ${budget} | ${spoken(verdict)} | ${created.slice(0, 10)} | ${earlier || ''} | ${cellText(sentence)} |`;
    });
  });
  return [
    '# Results',
    WRITTEN,
    'Each entry was written from the cells of a run, with the rule and the protocol whose hashes were on record ' +
      '([protocols.json](protocols.json)) before its first result. What a newer run of the same protocol came to supersedes an entry, ' +
      'which is kept. Rules that were amended, with what came out under them, are told in [superseded](superseded).',
    [
      '| claim | about | budget | verdict | date | superseded | what came out |',
      '| --- | --- | --- | --- | --- | --- | --- |',
      ...rows,
    ].join('\n'),
  ]
    .join('\n\n')
    .concat('\n');
}

/** The newest entry of each budget and protocol, newest first, and those that were before it. */
function divided(entries: readonly LedgerEntry[]): {
  readonly standing: readonly LedgerEntry[];
  readonly superseded: readonly LedgerEntry[];
} {
  const newestFirst = entries.toReversed();
  const key = ({ budget, protocolHash }: LedgerEntry): string => `${budget} ${protocolHash}`;
  const isStanding = (entry: LedgerEntry, i: number): boolean =>
    newestFirst.findIndex((other) => key(other) === key(entry)) === i;
  return {
    standing: newestFirst.filter(isStanding),
    superseded: newestFirst.filter((entry, i) => !isStanding(entry, i)),
  };
}

function entryText(entry: LedgerEntry, figures: string | undefined): string {
  const parts = entry.parts.map(({ name, claim, effect, margin, verdict, pairings, cases, remarks }) =>
    [
      `**(${name}) ${spoken(verdict)}**: ${claim} ${sentenceOf(effect)}${cases ? '' : ` Margin ${format3(margin)}.`}`,
      ...pairings.map(({ name: pairing, interval, effects }) => {
        const seeds = effects.map(({ seed, value }) => `${seed}: ${format3(value)}`).join(', ');
        return `- ${pairing}: ${interval ? formatInterval3({ ...interval, count: effects.length }) : 'not judged'} (seeds ${seeds})`;
      }),
      ...(cases ? [`- ${cases.count - cases.failures} of ${cases.count} cases hold`] : []),
      ...remarks.map((remark) => `- ${remark}`),
    ].join('\n'),
  );
  const manifest = entry.manifest.map(([word, value]) => `| ${word} | ${value} |`);
  return [
    `## ${entry.budget}: ${spoken(entry.verdict)}, ${entry.created.slice(0, 10)}`,
    entry.sentence,
    ...parts,
    ...entry.notes,
    ...(figures === undefined
      ? []
      : [entry.figures.map((file) => `![${file}](figures/${figures}/${file})`).join('\n')]),
    [
      '| | |',
      '| --- | --- |',
      `| command | \`${entry.command}\` |`,
      `| protocol and rule | ${entry.protocolHash} |`,
      ...manifest,
    ].join('\n'),
  ].join('\n\n');
}

function sentenceOf(effect: string): string {
  return `${effect.charAt(0).toUpperCase()}${effect.slice(1)}.`;
}

function spoken(verdict: string): string {
  return (verdictWords[verdict as Verdict] ?? verdict).toLowerCase();
}

/** A bar would end the cell of a table. */
function cellText(text: string): string {
  return text.replaceAll('|', '\\|');
}
