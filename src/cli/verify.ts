/** @file `normscope verify`: runs a class's submissions from the lab again, and says whose numbers hold. */

import { gunzipSync } from 'node:zlib';
import { Command } from 'commander';
import { counted } from '../counted.ts';
import { need } from '../errors.ts';
import { decodeDataset } from '../lab/dataset-file.ts';
import { readPage } from '../lab/node/page-files.ts';
import { submissionFiles } from '../lab/node/submission-files.ts';
import { severalFilesOf, verifySubmissions } from '../lab/node/verify.ts';
import { version } from '../report/node/version.ts';
import { exitCodes, interruptSignal } from './failure.ts';
import { jsonOption } from './options.ts';
import { type OutputOptions, print, printJson } from './output.ts';
import { createProgressLine, TimeLeft } from './progress.ts';
import { isWhole, verifyText } from './verify-text.ts';

export function verifyCommand(): Command {
  return new Command('verify')
    .summary("run a class's submissions from the lab again")
    .description(
      "Runs the tours of every submission (.json) in a folder again, with the student's own seed, and says whose numbers " +
        'come out to the last bit, and which do not. Nothing that stands in a submission is run.',
    )
    .argument('<dir>', 'the folder with the submissions')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nA submission is saved from the lab, where its address names the course:\n' +
        '  #course=large-rates,noise,depth\n' +
        '\nEnds with code 3 where a number does not hold or a submission is refused.\n' +
        '\nExamples:\n' +
        '  $ normscope verify submissions\n' +
        '  $ normscope verify submissions --json\n',
    )
    .action(verify);
}

async function verify(folder: string, { json }: OutputOptions): Promise<void> {
  const files = submissionFiles(folder);
  const data = decodeDataset(gunzipSync(need(readPage().get('fashion-mnist.gz'), 'fashion-mnist.gz in the page')));
  const signal = interruptSignal('the same command begins again');
  const line = createProgressLine();
  const left = new TimeLeft();
  line.begin(`${counted(files.length, 'submission')} …`);
  const onStep = (done: number, all: number, tour: string): void => line.update(`${tour}: ${left.text(done, all)}`);
  const checked = await verifySubmissions(files, data, { signal, onStep });
  line.done();
  if (json === true) printJson({ normscope: version, files: checked, severalFilesOf: severalFilesOf(checked) });
  else print(verifyText(checked, version));
  if (!checked.every(isWhole)) process.exitCode = exitCodes.doesNotHold;
}
