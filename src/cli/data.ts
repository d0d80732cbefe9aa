/** @file `normscope data`: which data sets there are, fetched ahead of time or checked. */

import { Command } from 'commander';
import { datasets } from '../data/datasets.ts';
import { describeCache } from '../data/node/cache.ts';
import { interruptSignal } from './failure.ts';
import { dataOption, jsonOption, openDataset } from './options.ts';
import { columns, formatBytes, type OutputOptions, print, printJson } from './output.ts';

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
    .action(async (names: readonly string[], options: OutputOptions & { readonly data?: string }) => {
      if (names.length === 0) return listCache(options);
      const signal = interruptSignal('what was fetched so far is not used; run the command again.');
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
              `${name}: ${train} + ${test} images ${shape.join('×')}, ${classes} classes\n  ${source}\n  sha256 ${checksum}`,
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
  return print(`Cache: ${cache.cacheDir}\n${columns(rows)}`);
}
