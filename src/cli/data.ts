/** @file `normscope data`: which data sets there are, fetched ahead of time or checked. */

import { Command } from 'commander';
import { counted } from '../counted.ts';
import { datasets } from '../data/datasets.ts';
import { describeCache } from '../data/node/cache.ts';
import { columns, formatBytes } from '../report/plain-text.ts';
import { interruptSignal } from './failure.ts';
import { datasetName } from './expected-dataset.ts';
import { dataOption, jsonOption, openDataset, requireTogether } from './options.ts';
import { type OutputOptions, print, printJson } from './output.ts';

export function dataCommand(): Command {
  return new Command('data')
    .summary('list data sets, or fetch and verify some')
    .description(
      'Without a name, lists the data sets and what is cached. With names, finds or fetches each ' +
        'and verifies it by checksum, as a run would do by itself.',
    )
    .argument('[name...]', `data sets: ${Object.keys(datasets).join(', ')}`)
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ normscope data                           what is cached, and where\n' +
        '  $ normscope data cifar10                   fetch and verify it now\n' +
        '  $ normscope data mnist --data ~/datasets   verify files of your own\n',
    )
    .action(async (words: readonly string[], options: OutputOptions & { readonly data?: string }) => {
      const names = words.map(datasetName);
      requireTogether(options.data, names[0], '--data needs the name of the data set that the folder holds');
      if (names.length === 0) return listCache(options);
      const signal = interruptSignal('the cache is as it was; the same command fetches the data again');
      const loaded = [];
      for (const name of names) {
        const { train, test, classes, shape, source, checksum } = await openDataset(name, options.data, signal);
        loaded.push({ name, train: train.count, test: test.count, classes, shape, source, checksum });
      }
      if (options.json === true) return printJson(loaded);
      return print(
        loaded
          .map(
            ({ name, train, test, classes, shape, source, checksum }) =>
              `${name}: ${train} + ${counted(test, 'image')} ${shape.join('×')}, ${counted(classes, 'class', 'classes')}\n  ${source}\n  SHA-256 ${checksum}`,
          )
          .join('\n'),
      );
    });
}

async function listCache({ json }: OutputOptions): Promise<void> {
  const cache = await describeCache();
  if (json === true) return printJson(cache);
  const rows = cache.datasets.map(({ name, state, bytes, source }) => [
    name,
    state,
    bytes > 0 ? formatBytes(bytes) : '',
    source ?? '',
  ]);
  const named = cache.namedFolder === undefined ? '' : `NORMSCOPE_DATA takes its place: ${cache.namedFolder}\n`;
  return print(`Cache: ${cache.cacheDir}\n${named}${columns(rows)}`);
}
