/** @file `--format`: which files of records a run writes. */

import { Option } from 'commander';
import { SettingError, unknownName } from '../errors.ts';
import { type RecordFormat, recordFormats } from '../records/node/run-folder.ts';

export const formatOption = (): Option =>
  new Option('--format <names>', 'files of records to write: parquet, json, events (for TensorBoard), as json,events')
    .argParser(formatsOf)
    .default(['parquet'], 'parquet');

/** "json,events" as a list. @throws {SettingError} with the nearest known name. */
function formatsOf(text: string): readonly RecordFormat[] {
  const names = text.split(',').filter((name) => name !== '');
  if (names.length === 0) throw new SettingError(`--format must name ${recordFormats.join(', ')}, got '${text}'`);
  return names.map((name) => {
    const known = recordFormats.find((format) => format === name);
    if (known === undefined) throw unknownName('format', name, recordFormats);
    return known;
  });
}
