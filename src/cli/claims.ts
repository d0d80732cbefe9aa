/** @file `normscope claims`: what can be tested. */

import { Command } from 'commander';
import { citation } from '../papers.ts';
import { studies } from '../studies/index.ts';
import { jsonOption } from './options.ts';
import { type OutputOptions, print, printJson, wrap } from './output.ts';

export function claimsCommand(): Command {
  return new Command('claims')
    .summary('list the claims that can be tested')
    .description('Lists every claim with its source. Any name, paper or tag can be given to `normscope reproduce`.')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ normscope claims\n' +
        '  $ normscope reproduce santurkar2018/landscape   test one of them\n',
    )
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
          ...wrap(claim, 76).map((line) => `  ${line}`),
          ...wrap(`${citation(paper)}, ${where}`, 76).map((line) => `  ${line}`),
          ...wrap(`tags: ${tags.join(', ')}`, 76).map((line) => `  ${line}`),
        ].join('\n'),
      );
      return print(texts.join('\n\n'));
    });
}
