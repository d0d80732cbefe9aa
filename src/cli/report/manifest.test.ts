import { describe, expect, it } from 'vitest';
import { cellOf } from '../../../test/studies.ts';
import { tinyCell } from '../../../test/tiny-training.ts';
import { trainingJob } from '../../cells/training.ts';
import type { TrainingSpec } from '../../cells/training-spec.ts';
import { need } from '../../errors.ts';
import { eventTag } from '../../records/tfevents.ts';
import { namedCells } from './manifest.ts';
import type { RunCell } from '../reproduce/study-section.ts';

const run = (spec: TrainingSpec, hash: string): RunCell => ({
  asked: need(trainingJob(spec).cells[0], 'a cell'),
  cell: { ...cellOf([]), hash },
});
const tags = (cells: readonly RunCell[]): readonly string[] =>
  namedCells(cells).map(({ arm, setting, seed, cell }) =>
    eventTag({
      cell: cell.hash,
      arm,
      setting,
      seed,
      step: 0,
      quantity: 'loss',
      value: 1,
      definition: 'd',
      mode: 'train',
    }),
  );

describe('namedCells()', () => {
  it('tells cells apart by what varies: in the manifest, and in the tags of their records', () => {
    const cells = [0.1, 0.2].map((learningRate, i) => run(tinyCell({ learningRate }), `${i}`));
    expect(namedCells(cells).map(({ setting }) => setting)).toEqual([
      { 'learning rate': 0.1 },
      { 'learning rate': 0.2 },
    ]);
    expect(tags(cells)).toEqual(['batch/learning rate 0.1/3/loss', 'batch/learning rate 0.2/3/loss']);
  });

  it('tells those that are called alike in two studies apart by their hashes', () => {
    const cells = ['0123456789', 'abcdef0123'].map((hash) => run(tinyCell(), hash));
    expect(tags(cells)).toEqual([
      'batch/learning rate 0.05, cell 01234567/3/loss',
      'batch/learning rate 0.05, cell abcdef01/3/loss',
    ]);
  });

  it('has a cell that two studies share once', () => {
    expect(namedCells([run(tinyCell(), '01'), run({ ...tinyCell(), arm: 'another' }, '01')])).toHaveLength(1);
  });
});
