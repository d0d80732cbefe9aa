/** @file `normscope claims`: what can be tested. */

import { Command } from 'commander';
import { citation } from '../papers.ts';
import { studies } from '../studies/index.ts';
import { jsonOption } from './options.ts';
import { type OutputOptions, print, printJson } from './output.ts';

export function claimsCommand(): Command {
  return new Command('claims')
    .summary('list the claims that can be tested')
    .description('Lists every claim with its source. Any name, paper or tag can be given to `normscope reproduce`.')
    .addOption(jsonOption())
    .action(({ json }: OutputOptions) => {
      const list = studies.map(({ name, title, paper, where, claim, tags }) => ({
        name,
        title,
        paper,
        where,
        claim,
        tags,
      }));
      if (json === true) return printJson(list);
      const texts = list.map(({ name, paper, where, claim, tags }) =>
        [
          name,
          ...wrap(claim, 74).map((line) => `  ${line}`),
          `  ${citation(paper)}, ${where}; tags: ${tags.join(', ')}`,
        ].join('\n'),
      );
      return print(texts.join('\n\n'));
    });
}

/** Lines of at most `width` characters, broken between words. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
