/** @file `normscope lab`: the page on which networks train beside each other, served, or written for others to serve. */

import { spawn } from 'node:child_process';
import { Command, Option } from 'commander';
import type { DatasetName } from '../data/dataset.ts';
import { datasets } from '../data/datasets.ts';
import { SettingError } from '../errors.ts';
import { isLicenceKnown, type PageFiles, readPage, withData } from '../lab/node/page-files.ts';
import { assertLabFolder, publishLab } from '../lab/node/publish.ts';
import { serveLab } from '../lab/node/server.ts';
import { singleFile } from '../lab/node/single-file.ts';
import { writeFileAtomic } from '../records/node/atomic.ts';
import { datasetName } from './expected-dataset.ts';
import { interruptSignal } from './failure.ts';
import { givenOption, openDataset, wholeNumber } from './options.ts';
import { print } from './output.ts';

interface LabOptions {
  readonly port: number;
  readonly open: boolean;
  readonly out?: string;
  readonly singleFile?: string | true;
  readonly data: readonly DatasetName[];
  readonly examples: number;
}

/** Beside so many training images; the page evaluates on them while it trains. */
const TEST_EXAMPLES = 256;

const SINGLE_FILE = 'normscope-lab.html';

export function labCommand(): Command {
  return new Command('lab')
    .summary('train networks beside each other in a browser')
    .description(
      'Serves a page on which networks train beside each other, in the browser, to this machine alone, and opens it. ' +
        'Or writes the page: as a folder for any static host, or as one file that runs from a disk, offline.',
    )
    .addOption(
      new Option('--port <n>', 'serve at this port').argParser(wholeNumber(0, 65_535)).default(0, 'any that is free'),
    )
    .addOption(new Option('--no-open', 'open no browser'))
    .addOption(new Option('--out <dir>', 'write the page into a folder instead'))
    .addOption(new Option('--single-file [file]', `write it as one file instead (default: ${SINGLE_FILE})`))
    .addOption(
      new Option('--data <name...>', `data sets to add: ${Object.keys(datasets).join(', ')}`)
        .argParser((word: string, earlier: readonly DatasetName[]) => [...new Set([...earlier, datasetName(word)])])
        .default([], 'Fashion-MNIST alone'),
    )
    .addOption(
      new Option('--examples <n>', `training images of each, beside ${TEST_EXAMPLES} test images`)
        .argParser(wholeNumber(1, 50_000))
        .default(1000),
    )
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ normscope lab                               serve the page, and open it\n' +
        '  $ normscope lab --data cifar10                with data from your cache\n' +
        '  $ normscope lab --out public/lab              for a static host\n' +
        '  $ normscope lab --single-file lecture.html    for a disk, without a network\n',
    )
    .action(async (options: LabOptions, command: Command) => {
      const isWritten = options.out !== undefined || options.singleFile !== undefined;
      const ofServer = givenOption(command, (name) => name === 'port' || name === 'open');
      if (isWritten && ofServer !== undefined) {
        throw new SettingError(
          `${ofServer.long} is of the page that is served; leave it out with --out and --single-file`,
        );
      }
      const signal = interruptSignal(isWritten ? 'nothing was written' : 'the same command serves the lab again');
      const page = readPage();
      // Before data are fetched.
      if (options.out !== undefined) assertLabFolder(page, options.out);
      const path = fileName(options.singleFile);
      const files = await withDatasets(page, options, signal);
      if (!isWritten) return serve(files, options, signal);
      warnOfLicences(options.data);
      if (options.out !== undefined) {
        publishLab(files, options.out);
        print(`Wrote the lab into ${options.out}: serve it from any static host, under any path.`);
      }
      if (path !== undefined) {
        writeFileAtomic(path, singleFile(files));
        print(`Wrote the lab as ${path}: open it in a browser.`);
      }
    });
}

/** @throws {SettingError} for a file that no browser would take for a page */
function fileName(asked: string | true | undefined): string | undefined {
  if (asked === undefined || asked === true) return asked && SINGLE_FILE;
  if (/\.html?$/i.test(asked)) return asked;
  throw new SettingError(`--single-file takes a file that ends in .html, got '${asked}'`);
}

/** The page with the data sets that were asked for. */
async function withDatasets(page: PageFiles, { data, examples }: LabOptions, signal: AbortSignal): Promise<PageFiles> {
  let files = page;
  for (const name of data) {
    const dataset = await openDataset(name, undefined, signal);
    signal.throwIfAborted();
    files = withData(files, dataset, { train: examples, test: Math.min(TEST_EXAMPLES, dataset.test.count) });
  }
  return files;
}

function warnOfLicences(names: readonly DatasetName[]): void {
  const unknown = names.filter((name) => !isLicenceKnown(name)).map((name) => datasets[name].title);
  if (unknown.length === 0) return;
  process.stderr.write(
    `Who is given this is given images of ${unknown.join(' and ')}, whose licence is unknown: publish it only where you may.\n`,
  );
}

/** Serves until Ctrl-C. @throws {InterruptedError} then */
async function serve(files: PageFiles, { port, open }: LabOptions, signal: AbortSignal): Promise<never> {
  const isStopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  const { address, close } = await serveLab(files, port);
  print(`The lab is at ${address} until you press Ctrl-C.`);
  if (open) openBrowser(address);
  await isStopped;
  await close();
  throw signal.reason;
}

/** Asks the system for its browser. There may be none: the address is printed. */
function openBrowser(address: string): void {
  const [program = '', ...words] = openers[process.platform] ?? ['xdg-open'];
  const opener = spawn(program, [...words, address], { stdio: 'ignore', detached: true });
  opener.on('error', () => undefined);
  opener.unref();
}

const openers: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['open'],
  // The first word after `start` in quotes is a window's title.
  win32: ['cmd', '/c', 'start', ''],
};
