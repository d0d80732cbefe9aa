/** @file `normscope claims`: what can be tested. */

import { Command } from 'commander';
import { citation } from '../../papers.ts';
import { studies, selectStudies } from '../../studies/index.ts';
import type { Study } from '../../studies/study.ts';
import { misstatementsOf, writeUpName, writeUpsAbout } from '../../studies/write-ups/index.ts';
import { jsonOption } from '../options.ts';
import { indented } from '../lines.ts';
import { type OutputOptions, print, printJson } from '../output.ts';
import { settingPairs } from './study-section.ts';

export function claimsCommand(): Command {
  return new Command('claims')
    .summary('list the claims that can be tested')
    .description(
      'Lists every claim with its source, or says all there is to say about some. Any name, paper or tag can be ' +
        'given to `normscope reproduce`.',
    )
    .argument('[claim...]', 'claims, papers or tags to say more about')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ normscope claims\n' +
        '  $ normscope claims santurkar2018/landscape      its rule, protocol and command\n' +
        '  $ normscope reproduce santurkar2018/landscape   test it\n',
    )
    .action((words: readonly string[], { json }: OutputOptions) => {
      const chosen = selectStudies(words);
      if (json === true) return printJson(chosen.map(claimJson));
      return print(words.length > 0 ? chosen.map(wholeClaim).join('\n\n') : claimList());
    });
}

function claimJson({ name, title, paper, where, claim, tags, dataset, rule, plan }: Study): object {
  return {
    name,
    title,
    paper,
    where,
    claim,
    tags,
    dataset: dataset ?? null,
    rule,
    protocol: plan({ budget: 'quick' }).protocol,
    misstatements: misstatementsOf(name).map(({ writeUp, statement: { says, source } }) => ({
      writeUp: writeUpName(writeUp),
      says,
      source,
    })),
    exhibits: exhibitsOf(name),
  };
}

function exhibitsOf(study: string): readonly object[] {
  return writeUpsAbout([study]).flatMap((writeUp) =>
    writeUp.exhibits.map(({ form, quote, published }) => ({ writeUp: writeUpName(writeUp), form, quote, published })),
  );
}

/** All claims, those that need no data first, and the tags that choose among them. */
function claimList(): string {
  const tags = [...new Set(studies.flatMap((study) => study.tags))].toSorted();
  return [
    group(
      'No data needed',
      studies.filter(({ dataset }) => dataset === undefined),
    ),
    group(
      'Trained on data',
      studies.filter(({ dataset }) => dataset !== undefined),
    ),
    indented(`tags: ${tags.join(', ')}`, 0),
  ].join('\n\n');
}

function group(title: string, members: readonly Study[]): string {
  const texts = members.map(({ name, title, paper, where, claim }) =>
    [
      indented(`${name}: ${title}`, 2),
      indented(claim, 4),
      indented(`${citation(paper)}, ${where}`, 4),
      ...misstatementsOf(name).map(({ statement }) => indented(`a write-up misstates this: ${statement.says}`, 4)),
    ].join('\n'),
  );
  return [`${title} (${members.length})`, ...texts].join('\n\n');
}

/** One claim: what is tested, by which rule, at which protocol, and what write-ups make of it. */
function wholeClaim(study: Study): string {
  const { name, title, paper, where, claim, tags, dataset, rule, plan } = study;
  const settings = (pairs: ReturnType<typeof settingPairs>): string =>
    pairs.map(([key, value]) => `${key} ${value}`).join('; ');
  const fields: readonly (readonly [string, string])[] = [
    ['claim', claim],
    ['source', `${citation(paper)}, ${where}`],
    ['tags', tags.join(', ')],
    ['data', dataset ?? 'none needed'],
    ['rule', settings(settingPairs(rule))],
    ['protocol', settings(settingPairs(plan({ budget: 'quick' }).protocol))],
    ['command', `normscope reproduce ${name}`],
    ...misstatementsOf(name).flatMap(({ writeUp, statement }): readonly (readonly [string, string])[] => [
      ['misstated', `${writeUpName(writeUp)} says: ${statement.says}`],
      ['', `The paper: ${statement.source}`],
    ]),
    ...writeUpsAbout([name]).flatMap((writeUp) =>
      writeUp.exhibits.map(({ form, quote }) => ['shown in', `${writeUpName(writeUp)}, ${form}: “${quote}”`] as const),
    ),
  ];
  const lines = fields.map(([word, text]) => `  ${word.padEnd(9)}  ${indented(text, 13).trimStart()}`);
  return [`${name}: ${title}`, ...lines].join('\n');
}
