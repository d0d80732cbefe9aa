/** @file `--format`: which files of records a run writes. */

import { Option } from 'commander';
import { recordFormats } from '../records/node/run-folder.ts';

export const formatOption = (): Option =>
  new Option('--format <name...>', 'files of records to write: parquet (all tools), json, events (TensorBoard)')
    .choices([...recordFormats])
    .default(['parquet'], 'parquet');
