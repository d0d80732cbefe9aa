import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tinyCircumstances } from '../../../test/tiny-training.ts';
import { NumericError } from '../../errors.ts';
import { createRunFolder } from '../../records/node/run-folder.ts';
import { threadlessDevice } from '../../runtime/node/node-device.ts';
import { findStudy } from '../../studies/index.ts';
import type { StudyResult } from '../../studies/result.ts';
import { type PlannedStudy, runStudies } from './reproduction.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'normscope-studies-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const study = findStudy('ioffe2015/scale');
const plan = study.plan({ budget: 'quick', set: { cases: '2' } });
const planned = (decide: () => StudyResult = () => ({}) as StudyResult): PlannedStudy => ({
  study,
  plan: { ...plan, decide },
  budget: 'quick',
  command: '',
});

describe('runStudies()', () => {
  it('goes on with the others where a rule fails, and tells what failed', async () => {
    const error = new NumericError('Cannot compute the mean');
    const failing = planned(() => {
      throw error;
    });
    const { runs, failure } = await runStudies([failing, planned()], {
      circumstances: tinyCircumstances,
      root: join(root, 'cells'),
      parallel: 1,
      signal: new AbortController().signal,
      dataset: () => Promise.reject(new RangeError('No data set is needed')),
      openDevice: threadlessDevice,
      run: createRunFolder(root, 'run', {}),
    });
    expect(runs.map(({ outcome }) => typeof outcome)).toEqual(['string', 'object']);
    expect(runs[0]?.outcome).toBe('its rule could not be applied: Cannot compute the mean');
    expect(failure).toBe(error);
  });
});
